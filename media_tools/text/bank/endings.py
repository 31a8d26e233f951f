"""Phrases that close a line, grouped by rhyme; every theme may use them.

Each block is one rhyme. T, N, V, A: see model.py. All words of a block must rhyme by sound; the
tests check it.
"""

from __future__ import annotations

from media_tools.text.bank.model import ENDING_KINDS, Ending, joined_lines, phrases

SHARED_ENDINGS = """
T in the pale blue light; at the edge of the night; out of sight; in black and white
N a window full of light; the other side of night; a line I didn't write; a paper kite
V sit up all night; say it right; hold on tight; stand and fight
A nearly white; far too bright; out of sight

T at the end of the day; a thousand miles away; in the usual way; in shades of grey
N the words I couldn't say; the longest day; a debt to pay; one more delay
V stay; look away; run away; lead the way; find another way
A far away; here to stay

T in the afterglow; as far as I know; high and low; nice and slow
N a quiet undertow; a place to go; the things you know; a picture show
V let it go; let it show; take it slow; say hello
A hard to know; running low; moving slow

T on the telephone; carved in stone
N a skipping stone; the great unknown; a seed we've sown
V sleep alone; break the stone
A overgrown; all alone; still unknown

T all the way home; across the salt and foam; under a silver dome
N a way back home; a longing for home
V come home; roam; wander home; sail home
A far from home

T out in the cold; as the years unfold; in red and gold
N a story never told; a hand to hold; a field of gold; a map to unfold
V grow old; come in from the cold
A hard to hold; growing old; blue and gold; ice cold

T without a sound; on solid ground
N a distant sound; the lost and found; a patch of ground
V turn around
A homeward bound; lost and found

T on the edge of town; upside down; on the long way down
N a paper crown; a quiet town
V slow down; settle down; come down
A upside down; falling down; red and brown

T at the end of the line; like a warning sign
N a thin white line; a glass of wine; a love of mine
V hold the line; let it shine; walk the line
A almost fine; still in line

T high overhead; in blue and red
N a needle and thread; the words unsaid; a river bed
V go to bed; look ahead; lose the thread
A painted red

T down by the sea; wild and free; for the world to see; under the willow tree
N a skeleton key; a lemon tree; the one I used to be
V let it be; wait and see; turn the key
A nearly free

T in the morning sun; one by one; on the run
N the setting sun; a race well run; the only one
V come undone; face the sun

T back at the start; in the quietest part; worlds apart
N a work of art; the hardest part
V fall apart
A miles apart; falling apart

T with the door ajar; from a moving car; near and far
N a morning star; a beat-up guitar; the place we are; a fading scar
V take the car
A left ajar

T long after dark; across the park; without a remark; like a question mark
N a single spark; a question mark; a walk in the park
V wait for a spark

T down the hall; after it all; before the fall
N a phone call; a crack in the wall; the end of it all; writing on the wall
V climb the wall
A far too small

T in the open air; over there
N an empty chair; a winding stair; a whispered prayer; a breath of air
V climb the stair
A almost there

T all year; year after year; from there to here; loud and clear
N a souvenir; the sound of a tear
V disappear; reappear; wait right here
A crystal clear; drawing near; still unclear

T through the wire; like a choir; higher and higher
N a wall of wire; a hidden choir; a bed of fire; a live wire
V tend the fire; walk the wire; lift it higher; never tire
A wrapped in wire; on the wire

T in the falling rain; on a midnight train; down the narrow lane; against the grain
N a name on a windowpane; a station and a train; a coffee stain; a weather vane
V learn to explain; wait for the rain; break the chain; wait in vain
A hard to explain; washed with rain; written in rain

T just the same; by another name
N a waiting game; a different name; a picture frame; a gentle flame
A still the same; not to blame

T against the stream; in a waking dream; in the lighthouse beam
N a borrowed dream; the end of a dream
V learn to dream
A half a dream

T while the others sleep; in a single leap
N a promise to keep; a hill too steep; the hour before sleep
V fall asleep
A half asleep; ours to keep; fast asleep

T at the end of the street; with tired feet; in the summer heat
N a two-way street; a passenger seat
V feel the heat
A bittersweet; incomplete

T out of the blue; all night through; straight on through; two by two
N a shade of blue; a better view; a word or two
V see it through
A almost true; good as new

T under a paper moon; all afternoon; in the middle of June
N a whistled tune; a yellow balloon; a slow afternoon
V follow the moon; come back soon
A over too soon; out of tune; gone by noon

T on the kitchen floor; like the time before; behind the door; a little more
N an open door; a little more; a distant shore
V close the door; ask for more; sweep the floor
A hard to ignore; wanting more; washed ashore

T all along; all night long; back where we belong; to the same old song
N a place to belong; a summer song
V sing along; get along
A half a song

T in the early spring; on a piece of string
N a broken string; a wedding ring; a broken wing
V learn to sing; feel the sting; wait for spring

T on the window sill; at the top of the hill; all quiet and still
N a winter chill; a light on the hill
V climb the hill; sit still
A never still; standing still

T under the glass; through the tall grass
N a pane of glass; a blade of grass; a mountain pass
V let it pass; break the glass; walk on the grass
A made of glass

T on the other side; with the turning tide; far and wide; side by side
N a place to hide; the turning tide
V let it slide; step outside; run and hide
A open wide; satisfied; hard to hide; cast aside

T face to face; in the empty space; without a trace
N a hiding place; a change of pace; a state of grace
V leave no trace
A out of place; lost in space

T under the wave; over the roar of a wave
N the final wave; what we couldn't save; the time we gave; the love we gave
V learn to be brave
A hard to save

T time will tell; at the sound of a bell; like a carousel
N a ringing bell; a hollow shell; a wishing well
V break the spell; say farewell; never tell
A hard to tell; all too well

T in and out
N a shadow of doubt; a way out
V figure it out; ride it out
A all worn out; almost out

T as the days go by; in a cloudless sky
N a wide-open sky; a reason why; a lullaby
V learn to fly; say goodbye; wave goodbye; never cry
A passing by; wide as the sky

T far behind
N a peace of mind; the ties that bind
V fall behind
A left behind; hard to find; intertwined

T along the road; by the side of the road
N a heavy load; a fork in the road; a secret code; a winding road

T hand in hand; across the sand
N a helping hand; a castle of sand; a no man's land
V understand; make a stand
A written in sand

T all over again; every now and then
N the way back then
V start again; begin again
A young again; whole again

N a ring of rust; a question of trust; a layer of dust
V learn to trust; turn to rust
A covered in dust

T in the early dawn; with the curtains drawn
N the break of dawn
V stay till dawn
A good as gone; already gone

T while the others leave
N a reason to leave
V learn to believe; turn and leave
A ready to leave; hard to believe

T behind the wheel; in a coat of steel
N a spinning wheel; a cold blue steel; a wound to heal
V start to heal
A cold as steel; almost real; hard to feel

T for a little while; for another mile
N a crooked smile; one more mile
V stay a while; walk a mile

T in a little boat; on a single note; in a winter coat
N a paper boat; a lump in the throat; a borrowed coat; a note you wrote
V stay afloat
A still afloat

T word for word; without a word
N a word unheard; a singing bird; a photo blurred; a paper bird
V say the word
A rarely heard; seldom heard

T out on the track; there and back; on the railway track
N a long way back; a railroad track
V never look back
A painted black; coming back

N a sideways look; a borrowed book; the road we took
V close the book

T in the evergreen; on the silver screen; in between
N a flickering screen; the space between
V watch the screen
A still unseen; barely seen

T by the frozen lake; for old times' sake
N an honest mistake; a still black lake
V stay awake; make a mistake; learn to break
A wide awake; hard to shake

T until we arrive; at the speed we drive
N a midnight drive
V come alive; stay alive; survive; learn to drive
A still alive

T a minute too late; by the garden gate
N a wooden gate; a paperweight
V stay out late; sit and wait
A a little late; far too late; worth the wait

T in my Sunday best
N a second guest; a moment's rest
V leave the nest

T in the waiting room; through the gloom; at the weaver's loom
N an empty room; a flower in bloom
V fill the room; start to bloom; leave the room
A in full bloom

T for the last time; like a nursery rhyme
N a nursery rhyme; a steeper climb
V learn to climb
A out of time; right on time

T at the turn; with no return
N a lesson to learn
V live and learn; let it burn
"""


def shared_endings() -> tuple[Ending, ...]:
    """Every phrase of SHARED_ENDINGS with its kind, without doubles, in order."""
    found: dict[Ending, None] = {}
    for line in joined_lines(SHARED_ENDINGS):
        kind, _, rest = line.partition(" ")
        if kind in ENDING_KINDS:
            found.update(dict.fromkeys(Ending(kind, part) for part in phrases(rest)))
    return tuple(found)
