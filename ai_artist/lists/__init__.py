"""What every list of the panel offers: an export, and filters saved under a name."""
