"""Every theme the offline writer knows, in a fixed order."""

from media_tools.text.bank.model import Theme
from media_tools.text.bank.themes.all_night_floor import THEME as ALL_NIGHT_FLOOR
from media_tools.text.bank.themes.deep_space import THEME as DEEP_SPACE
from media_tools.text.bank.themes.high_country import THEME as HIGH_COUNTRY
from media_tools.text.bank.themes.home_town import THEME as HOME_TOWN
from media_tools.text.bank.themes.last_summer import THEME as LAST_SUMMER
from media_tools.text.bank.themes.long_winter import THEME as LONG_WINTER
from media_tools.text.bank.themes.machine_memory import THEME as MACHINE_MEMORY
from media_tools.text.bank.themes.night_drive import THEME as NIGHT_DRIVE
from media_tools.text.bank.themes.open_water import THEME as OPEN_WATER
from media_tools.text.bank.themes.proving_ground import THEME as PROVING_GROUND
from media_tools.text.bank.themes.rainy_room import THEME as RAINY_ROOM
from media_tools.text.bank.themes.slow_garden import THEME as SLOW_GARDEN

THEMES: dict[str, Theme] = {
    theme.name: theme
    for theme in (
        NIGHT_DRIVE,
        OPEN_WATER,
        HOME_TOWN,
        LONG_WINTER,
        DEEP_SPACE,
        ALL_NIGHT_FLOOR,
        RAINY_ROOM,
        SLOW_GARDEN,
        LAST_SUMMER,
        MACHINE_MEMORY,
        HIGH_COUNTRY,
        PROVING_GROUND,
    )
}
