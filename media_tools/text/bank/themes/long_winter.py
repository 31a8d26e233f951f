"""Winter: snow, silence, keeping warm over a distance."""

from media_tools.text.bank.model import theme

THEME = theme(
    "the long winter",
    matches="winter; snow; ice; cold; frost; north; december; january; silence; distance; letter",
    mood_words="still; tender; pale; solemn",
    places="""
    on the frozen lake; under the eaves; at the station; in the white field; beside the stove; along
    the tree line; in the attic; on the icy steps; behind the frosted glass; by the woodpile
    """,
    acts="""
    shovel the snow; feed the stove; write the letter; break the ice; count the months; follow the
    tracks; light the candles; wear your sweater; watch the frost; keep the fire; close the
    shutters; learn the silence; wait for the thaw; boil the water; mark the days; sleep through the
    storm
    """,
    events="""
    the snow: settle; the river: freeze; the branches*: bend; the candles*: burn; the stove: glow;
    the windows*: frost; the wolves*: call; the ice: crack; the sparrows*: leave; the thaw: begin;
    the wind: turn; the chimneys*: smoke
    """,
    things="""
    woollen coat; candle; letter; sled; matchbook; sweater; frozen key; paper star; snow globe;
    calendar; kettle; lantern; silver thread; blanket
    """,
    plurals="""
    branches; sparrows; chimneys; footprints; candles; icicles; pine trees; rooftops; drifts;
    shutters; blankets; white fields; letters; embers
    """,
    adjectives="""
    frozen; silent; pale; northern; bitter; gentle; frosted; woollen; lonely; crystal; quiet; silver
    """,
    tails="""
    in the falling snow; under the winter sky; on a January day; with frost on the pane; at the edge
    of the frozen lake; in a coat of white and grey; by the fire's glow; all through December cold;
    while the fields lie deep; in the northern air
    """,
    nouns="""
    a field of snow; the longest night; a lake of glass; a coat of grey; the sting of the cold; one
    last train; a ghost in the air; a breath on the pane; a name in the snow; the ice on the lake
    """,
    verbs="""
    melt away; wait for the snow; keep out the cold; sleep till spring; break the ice on the lake;
    warm up at the fire
    """,
    predicates="white as stone; buried in snow; frozen in place; blue with cold; still as the snow",
    hooks="""
    {Adj} December | stay with me through the falling snow
    Footprints | follow my footprints over the snow
    Until the Thaw | wait for the thaw, wait for me
    Snow Globe | we live in a world of glass
    {Adj} Candle | keep a {adj} candle alight
    North of Here | you are a long way north of here
    Keep the Fire | keep the fire, keep it bright
    The Last Sparrow | I'm the last sparrow to fly
    White Field | write your name on a field of white
    Wool | wrap me in wool and carry me home
    """,
    stories="""
    A letter is written every evening of one winter and none of them is sent. When the thaw comes
    the writer reads them all, and they turn out to be answers.

    Somebody keeps a fire for a guest who is a week late. The {plural} outside fill with snow, and
    the waiting becomes a kind of company.

    Two people talk across a frozen lake because neither dares to step on the ice. The {adj} silence
    carries every word.
    """,
    visuals="""
    a single house in a snow field; frost on a window; bare birches in fog; breath in cold blue
    light
    """,
)
