"""Remote control through a Telegram bot: what awaits review is sent, buttons and commands answer.

The same services decide, start and pause as in the panel; this package only asks and shows.
"""
