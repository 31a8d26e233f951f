"""What needs a hand, and telling people of it: the bell, mails and the webhook."""
