"""Remote control by a Telegram bot: sends what awaits review, answers buttons and commands.

The same services decide, start and pause as in the panel; this package only asks and shows.
"""
