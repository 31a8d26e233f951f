"""Loopback HTTP servers that behave as the providers' contracts say, traps included."""
