"""Phrases that close a line, grouped by rhyme; every theme may use them.

Each block is one rhyme. T, N, V, A: see model.py. All words of a block must rhyme by sound; the
tests check it.
"""

from __future__ import annotations

from media_tools.text.bank.model import ENDING_KINDS, Ending, phrases

SHARED_ENDINGS = """
T in the pale blue light; at the edge of the night; out of sight; in black and white
N a window full of light; the other side of night; a line I didn't write; a paper kite
V sit up all night; say it right; hold on tight; stand and fight
A nearly white; far too bright; out of sight

T at the end of the day; a thousand miles away; in the usual way; in shades of grey
N the words I couldn't say; the longest day; a debt to pay; one more delay
V stay; look away; run away; lead the way; find another way
A far away; here to stay; going grey

T in the afterglow; as far as I know; high and low; nice and slow
N a quiet undertow; a place to go; the things you know; a picture show
V let it go; let it show; take it slow; say hello
A hard to know; running low; moving slow

T on my own; skin and bone; on the telephone; carved in stone; in a monotone
N a royal throne; a skipping stone; the great unknown; a dial tone; a seed we've sown
V sleep alone; break the stone; pick up the phone
A overgrown; overthrown; all alone; still unknown

T all the way home; across the salt and foam
N a way back home; a coat of chrome; a line of foam
V come home; roam
A far from home

T out in the cold; as the years unfold; in red and gold
N a story never told; a hand to hold; a field of gold; a map to unfold
V do as I'm told; grow old; come in from the cold
A hard to hold; growing old; bought and sold; blue and gold; ice cold

T without a sound; on solid ground; the other way round; with an echoing sound
N a distant sound; the lost and found; a patch of ground; a merry-go-round
V turn around; hold my ground; stick around
A homeward bound; lost and found

T on the edge of town; upside down; on the long way down
N a paper crown; a quiet town; the last one down
V slow down; settle down; never back down; come down
A upside down; falling down; red and brown

T at the end of the line; like a warning sign; by my own design
N a thin white line; a neighbour's sign; a glass of wine; a love of mine
V read the sign; hold the line; let it shine; walk the line
A yours and mine; almost fine; hard to define

T in the days ahead; high overhead; in blue and red
N a needle and thread; the words unsaid; a river bed
V go to bed; turn my head; look ahead; lose the thread
A better unsaid; painted red

T down by the sea; wild and free; for the world to see; under the willow tree
N a skeleton key; a lemon tree; a cup of tea; the one I used to be
V let it be; wait and see; bend the knee; turn the key
A plain to see; made for me; nearly free

T before it's begun; in the morning sun; one by one; on the run
N the setting sun; a race well run; the only one
V come undone; face the sun; turn and run
A said and done; barely begun; second to none

T back at the start; in the quietest part; as a counterpart; worlds apart
N a work of art; a wooden cart; the hardest part; a counterpart
V fall apart; make a start; play the part
A miles apart; hard to start; falling apart

T with the door ajar; from a moving car; near and far
N a morning star; a beat-up guitar; the place we are; a fading scar
V go too far; raise the bar; take the car
A left ajar; not too far

T long after dark; across the park; like a question mark
N a single spark; a question mark; a walk in the park
V leave a mark; wait for a spark; fear the dark
A light and dark

T down the hall; after it all; ten feet tall; before the fall
N a phone call; a crack in the wall; the end of it all; writing on the wall
V lose it all; risk a fall; climb the wall; give my all
A far too small; ten feet tall

T in the open air; over there; with the greatest care
N an empty chair; a winding stair; a whispered prayer; a breath of air; a truth to bear
V climb the stair; learn to care; take the dare
A hard to bear; not all there; almost there; only fair

T all year; year after year; from there to here; loud and clear
N a souvenir; the sound of a tear; the end of fear; a word in your ear
V disappear; reappear; wait right here; hide the fear
A crystal clear; drawing near; still unclear

T through the wire; like a choir; higher and higher
N a wall of wire; a hidden choir; a bed of fire; a live wire
V tend the fire; walk the wire; lift it higher; never tire
A wrapped in wire; on the wire

T in the falling rain; on a midnight train; down the narrow lane; against the grain
N a name on a windowpane; a station and a train; a coffee stain; a weather vane
V learn to explain; wait for the rain; break the chain; wait in vain
A hard to explain; washed with rain; written in rain

T just the same; by another name; inside the frame
N a waiting game; a different name; a picture frame; a gentle flame
V know my name; play the game; carry the blame; feed the flame
A still the same; not to blame; hard to tame

T against the stream; on the balance beam; in a waking dream
N a borrowed dream; a hairline seam; the end of a dream
V learn to dream; swim upstream; split at the seam
A not what they seem; half a dream

T while the others sleep; six feet deep; in a single leap
N a promise to keep; a hill too steep; a reason to weep; the hour before sleep
V fall asleep; wade in deep; sow and reap
A half asleep; ours to keep; buried deep; fast asleep

T at the end of the street; off the beat; in the summer heat; in the driver's seat
N a two-way street; a backward beat; a passenger seat; a sign of retreat
V move my feet; admit defeat; feel the heat; miss a beat
A bittersweet; incomplete; off the beat; more than sweet

T out of the blue; all night through; straight on through; two by two
N a shade of blue; a better view; the first of a few; a word or two
V follow through; start anew; see it through; make do
A almost true; black and blue; good as new; overdue

T under a paper moon; all afternoon; in the middle of June; none too soon
N a whistled tune; a yellow balloon; a silver spoon; a slow afternoon
V sing out of tune; follow the moon; come back soon
A over too soon; out of tune; gone by noon

T on the kitchen floor; like the time before; behind the door; a little more
N an open door; a little more; a distant shore; a thing to adore
V close the door; ask for more; sweep the floor; know for sure
A hard to ignore; wanting more; washed ashore

T all along; all night long; back where we belong; to the same old song
N a sadder song; a place to belong; a right and a wrong; a summer song
V sing along; prove them wrong; play along; get along
A never wrong; far too long; half a song

T in the early spring; on a piece of string; under the wing
N a broken string; a wedding ring; a broken wing; a ball of string
V learn to sing; feel the sting; wait for spring
A late for spring; held with string

T on the window sill; at the top of the hill; against my will; all quiet and still
N a winter chill; a light on the hill; an unpaid bill; a space to fill
V climb the hill; sit still; drink my fill; foot the bill
A never still; standing still; over the hill

T under the glass; through the tall grass; to the sound of brass
N a pane of glass; a blade of grass; a mountain pass; a line of brass
V let it pass; break the glass; walk on the grass
A made of glass; green as grass

T on the other side; with the turning tide; far and wide; side by side
N a bumpy ride; a place to hide; the turning tide; a kind of pride
V let it slide; step outside; swallow my pride; run and hide
A open wide; satisfied; hard to hide; cast aside

T face to face; at a walking pace; in the empty space; without a trace
N a hiding place; a change of pace; a pillowcase; a state of grace
V leave no trace; find my place; slow the pace; hold my place
A out of place; lost in space; hard to replace

T under the wave; over the roar of a wave
N the final wave; what we couldn't save; the time we gave; the love we gave
V learn to be brave; misbehave
A quiet and brave; hard to save

T under the spell; time will tell; at the sound of a bell; like a carousel
N a ringing bell; a hollow shell; a fare-thee-well; a wishing well
V break the spell; wish you well; say farewell; never tell
A hard to tell; just as well; all too well

T beyond a doubt; in and out; in a year of drought
N a shadow of doubt; a way out; a year of drought; a whispered shout
V go without; figure it out; scream and shout; ride it out
A inside out; all worn out; almost out

T as the days go by; in a cloudless sky; high and dry; under a copper sky
N an alibi; a wide-open sky; a reason why; a lullaby
V learn to fly; ask you why; say goodbye; wave goodbye; never cry
A high and dry; passing by; wide as the sky

T in the back of my mind; far behind; like the rest of my kind
N a peace of mind; the ties that bind; a rare find; a drawn blind
V change my mind; press rewind; fall behind; lose my mind
A left behind; deaf and blind; hard to find; intertwined

T along the road; in morse code; by the side of the road
N a heavy load; a fork in the road; a secret code; a winding road
V lighten the load; crack the code; hit the road
A written in code; hard to load

T hand in hand; across the sand; just as planned; in the promised land
N a helping hand; a castle of sand; a marching band; a no man's land
V take my hand; understand; make a stand; learn to land
A close at hand; written in sand; out of hand

T all over again; every now and then; since I don't know when
N a count to ten; a fountain pen; the way back then
V start again; count to ten; begin again
A young again; whole again

T in the rust and dust; with an ounce of trust
N a ring of rust; a question of trust; a layer of dust
V learn to trust; wipe off the dust; turn to rust
A covered in dust; hard to trust

T in the early dawn; on the neighbour's lawn; with the curtains drawn
N the break of dawn; a wet front lawn; a stifled yawn
V stay till dawn; mow the lawn
A tightly drawn; good as gone; already gone; half withdrawn

T while the others leave; on New Year's Eve; up my sleeve
N a reason to leave; a late reprieve
V learn to believe; turn and leave; learn to grieve
A ready to leave; hard to believe

T behind the wheel; on an even keel; in a coat of steel
N a spinning wheel; a cold blue steel; a film on a reel; a wound to heal
V learn to feel; take the wheel; start to heal; break the seal
A cold as steel; almost real; hard to feel

T for a little while; down the aisle; for another mile; single file
N a crooked smile; one more mile; a desert isle; a change of style
V go the extra mile; stay a while; fake a smile; walk a mile
A out of style; all worthwhile

T in a little boat; on a single note; in a winter coat; all by rote
N a paper boat; a lump in the throat; a borrowed coat; a note you wrote
V stay afloat; clear my throat; miss the boat
A still afloat; far from remote

T word for word; like a homing bird; without a word
N a word unheard; a singing bird; a photo blurred; a paper bird
V say the word; keep my word; free the bird
A slightly blurred; rarely heard; seldom heard

T out on the track; there and back; in the almanac; on the railway track
N a long way back; a coat on the rack; a railroad track; a flash of black
V turn my back; keep on track; never look back; cut me some slack
A painted black; coming back; off the track

T by hook or by crook; in a reading nook; by the way you look
N a sideways look; a fishing hook; a borrowed book; the road we took
V take a look; close the book
A off the hook; hard to overlook

T in the evergreen; on the silver screen; on the trampoline; in between
N a flickering screen; the space between; a vending machine
V come clean; watch the screen; make a scene
A still unseen; evergreen; wiped clean; barely seen

T for heaven's sake; by the frozen lake; for the moment's sake; for old times' sake
N an honest mistake; a still black lake; a piece of cake; a give and take
V stay awake; make a mistake; learn to break
A wide awake; hard to shake; mine to make

T until we arrive; at the speed we drive; at half past five
N a midnight drive; a high dive; a beehive
V come alive; stay alive; survive; learn to drive
A still alive; hard to revive

T a minute too late; by the garden gate; at a steady rate; in a perfect state; like a twist of fate
N a figure eight; a broken crate; a wooden gate; a dinner plate; a paperweight
V stay out late; sit and wait; tempt my fate; hesitate
A a little late; far too late; far from straight; worth the wait

T in the golden west; like all the rest; in my Sunday best; with a hand on my chest
N a second guest; a treasure chest; a hornet's nest; a moment's rest
V give it a rest; try my best; leave the nest; pass the test
A second best; halfway dressed; under arrest; past its best

T in the waiting room; through the gloom; at the weaver's loom
N an empty room; a flower in bloom; a sonic boom; an old broom
V fill the room; start to bloom; leave the room
A in full bloom; free of gloom

T for the last time; in the nick of time; on my last dime; like a nursery rhyme
N a nursery rhyme; a waste of time; a steeper climb; a wind chime
V take my time; learn to climb; make it rhyme; bide my time
A out of time; past its prime; right on time

T at the turn; with no return; out of turn
N a point of return; a slow burn; a silver urn; a lesson to learn
V wait my turn; live and learn; let it burn; crash and burn
A hard to learn; slow to burn

"""


def shared_endings() -> tuple[Ending, ...]:
    """Every phrase of SHARED_ENDINGS with its kind, without doubles, in order."""
    found: dict[Ending, None] = {}
    for line in SHARED_ENDINGS.strip().splitlines():
        kind, _, rest = line.partition(" ")
        if kind in ENDING_KINDS:
            found.update(dict.fromkeys(Ending(kind, part) for part in phrases(rest)))
    return tuple(found)
