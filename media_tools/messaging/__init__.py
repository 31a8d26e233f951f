"""Messengers through which people are told and answer."""
