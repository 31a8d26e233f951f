"""How words sound, written by hand in ARPAbet (General American).

A vowel carries its stress: 1 main, 2 second, 0 none. RHYMES gives a word by its rhyme and what
stands before it: under "AY1 T", "bright=B.R" reads B R AY1 T. Where something before the rhyme
already has the main stress ("afterglow"), the rhyme's own vowel has the second. WORDS gives whole
words that spelling rules get wrong, "one=W.AH1.N". An indented line
continues the one before.
"""

from __future__ import annotations

RHYMES = """
AY1 T: light=L night=N sight=S bright=B.R right=R fight=F flight=F.L tonight=T.AH0.N white=W
  write=R kite=K bite=B might=M tight=T quite=K.W height=HH alight=AH0.L spite=S.P site=S
  invite=IH0.N.V ignite=IH0.G.N polite=P.AH0.L delight=D.IH0.L knight=N midnight=M.IH1.D.N
  satellite=S.AE1.T.AH0.L moonlight=M.UW1.N.L sunlight=S.AH1.N.L daylight=D.EY1.L
  streetlight=S.T.R.IY1.T.L headlight=HH.EH1.D.L firelight=F.AY1.ER0.L starlight=S.T.AA1.R.L
  candlelight=K.AE1.N.D.AH0.L
EY1: day=D say=S way=W away=AH0.W play=P.L pay=P stay=S.T gray=G.R grey=G.R clay=K.L bay=B may=M
  lay=L delay=D.IH0.L decay=D.IH0.K today=T.AH0.D they=DH ray=R sway=S.W tray=T.R pray=P.R
  prey=P.R weigh=W astray=AH0.S.T.R okay=OW0.K obey=OW0.B betray=B.IH0.T.R hey=HH highway=HH.AY1.W
  runway=R.AH1.N.W railway=R.EY1.L.W motorway=M.OW1.T.ER0.W yesterday=Y.EH1.S.T.ER0.D
  sunday=S.AH1.N.D hallway=HH.AO1.L.W slipway=S.L.IH1.P.W gay=G
OW1: go=G know=N slow=S.L snow=S.N glow=G.L low=L show=SH so=S no=N though=DH throw=TH.R grow=G.R
  flow=F.L blow=B.L below=B.IH0.L ago=AH0.G hello=HH.AH0.L row=R toe=T sew=S oh= owe= crow=K.R
  bow=B dough=D afterglow=AE1.F.T.ER0.G.L undertow=AH1.N.D.ER0.T overflow=OW1.V.ER0.F.L
  radio=R.EY1.D.IY0 studio=S.T.UW1.D.IY0 video=V.IH1.D.IY0
OW1 N: stone=S.T alone=AH0.L own= phone=F bone=B known=N unknown=AH0.N.N grown=G.R shown=SH tone=T
  throne=TH.R flown=F.L thrown=TH.R zone=Z loan=L moan=M cone=K sown=S blown=B.L drone=D.R
  postpone=P.OW0.S.P atone=AH0.T overgrown=OW2.V.ER0.G.R overthrown=OW2.V.ER0.TH.R
  monotone=M.AA1.N.AH0.T telephone=T.EH1.L.AH0.F microphone=M.AY1.K.R.AH0.F headphone=HH.EH1.D.F
OW1 M: home=HH foam=F chrome=K.R roam=R dome=D comb=K gnome=N
OW1 L D: cold=K gold=G hold=HH told=T old= sold=S fold=F bold=B unfold=AH0.N.F untold=AH0.N.T
  behold=B.IH0.HH mold=M scold=S.K marigold=M.EH1.R.AH0.G controlled=K.AH0.N.T.R rolled=R
AW1 N D: sound=S ground=G.R round=R found=F around=AH0.R bound=B pound=P wound=W mound=M
  surround=S.ER0.R profound=P.R.AH0.F drowned=D.R underground=AH1.N.D.ER0.G.R
  background=B.AE1.K.G.R
AW1 N: down=D town=T crown=K.R brown=B.R drown=D.R gown=G frown=F.R clown=K.L noun=N
  downtown=D.AW2.N.T hometown=HH.OW1.M.T countdown=K.AW1.N.T.D
AY1 N: line=L mine=M shine=SH sign=S fine=F wine=W nine=N pine=P vine=V design=D.IH0.Z
  define=D.IH0.F divine=D.IH0.V align=AH0.L spine=S.P combine=K.AH0.M.B decline=D.IH0.K.L
  resign=R.IH0.Z dine=D twine=T.W whine=W swine=S.W intertwine=IH2.N.T.ER0.T.W
  shoreline=SH.AO1.R.L skyline=S.K.AY1.L deadline=D.EH1.D.L headline=HH.EH1.D.L bassline=B.EY1.S.L
  valentine=V.AE1.L.AH0.N.T sunshine=S.AH1.N.SH borderline=B.AO1.R.D.ER0.L hairline=HH.EH1.R.L
AY1 N D: mind=M find=F blind=B.L kind=K behind=B.IH0.HH bind=B signed=S grind=G.R unwind=AH0.N.W
  rewind=R.IY0.W remind=R.IY0.M mankind=M.AE1.N.K lined=L defined=D.IH0.F designed=D.IH0.Z
  combined=K.AH0.M.B intertwined=IH2.N.T.ER0.T.W aligned=AH0.L
EH1 D: red=R bed=B said=S head=HH read=R ahead=AH0.HH thread=TH.R bread=B.R dead=D led=L fed=F
  spread=S.P.R instead=IH0.N.S.T dread=D.R shed=SH fled=F.L wed=W sled=S.L lead=L unsaid=AH0.N.S
  unread=AH0.N.R overhead=OW1.V.ER0.HH bled=B.L misled=M.IH0.S.L
IY1: sea=S me=M free=F.R tree=T.R be=B key=K knee=N see=S we=W she=SH he=HH tea=T three=TH.R
  plea=P.L flee=F.L agree=AH0.G.R degree=D.IH0.G.R guarantee=G.EH2.R.AH0.N.T bee=B ski=S.K fee=F
  glee=G.L sea=S
AH1 N: sun=S run=R one=W done=D begun=B.IH0.G fun=F gun=G won=W son=S none=N ton=T spun=S.P
  undone=AH0.N.D nun=N stun=S.T everyone=EH1.V.R.IY0.W anyone=EH1.N.IY0.W someone=S.AH1.M.W
AA1 R T: heart=HH start=S.T apart=AH0.P art= part=P cart=K chart=CH smart=S.M dart=D
  depart=D.IH0.P restart=R.IY0.S.T sweetheart=S.W.IY1.T.HH counterpart=K.AW1.N.T.ER0.P
AA1 R: far=F car=K star=S.T are= bar=B scar=S.K jar=JH ajar=AH0.JH guitar=G.IH0.T afar=AH0.F tar=T
  czar=Z avatar=AE1.V.AH0.T
AA1 R K: dark=D spark=S.P park=P mark=M arc= bark=B shark=SH ark= lark=L stark=S.T embark=EH0.M.B
  remark=R.IH0.M
AO1 L: fall=F wall=W call=K all= tall=T small=S.M hall=HH ball=B crawl=K.R recall=R.IY0.K mall=M
  haul=HH stall=S.T install=IH0.N.S.T sprawl=S.P.R waterfall=W.AO1.T.ER0.F nightfall=N.AY1.T.F
  snowfall=S.N.OW1.F wherewithal=W.EH1.R.W.IH0.DH firewall=F.AY1.ER0.W shawl=SH
EH1 R: air= there=DH stair=S.T chair=CH care=K where=W bear=B share=SH prayer=P.R hair=HH fair=F
  bare=B dare=D stare=S.T rare=R square=S.K.W swear=S.W wear=W pair=P repair=R.IH0.P aware=AH0.W
  despair=D.IH0.S.P compare=K.AH0.M.P beware=B.IH0.W their=DH heir= pear=P scare=S.K spare=S.P
  declare=D.IH0.K.L prepare=P.R.IH0.P glare=G.L affair=AH0.F nowhere=N.OW1.W somewhere=S.AH1.M.W
  everywhere=EH1.V.R.IY0.W anywhere=EH1.N.IY0.W elsewhere=EH1.L.S.W
IH1 R: near=N clear=K.L fear=F year=Y here=HH hear=HH tear=T disappear=D.IH2.S.AH0.P appear=AH0.P
  reappear=R.IY2.AH0.P dear=D beer=B steer=S.T cheer=CH deer=D ear= gear=G sphere=S.F
  sincere=S.IH0.N.S severe=S.AH0.V pioneer=P.AY2.AH0.N unclear=AH0.N.K.L frontier=F.R.AH0.N.T
  souvenir=S.UW2.V.AH0.N sheer=SH pier=P atmosphere=AE1.T.M.AH0.S.F rear=R
AY1 ER0: fire=F wire=W choir=K.W higher=HH desire=D.IH0.Z tire=T entire=IH0.N.T admire=AH0.D.M
  inspire=IH0.N.S.P liar=L buyer=B retire=R.IH0.T require=R.IH0.K.W acquire=AH0.K.W empire=EH1.M.P
  spire=S.P flyer=F.L dryer=D.R campfire=K.AE1.M.P.F bonfire=B.AA1.N.F
EY1 N: rain=R train=T.R pain=P lane=L chain=CH plain=P.L plane=P.L vain=V brain=B.R grain=G.R
  stain=S.T main=M cane=K crane=K.R gain=G explain=IH0.K.S.P.L remain=R.IH0.M again=AH0.G vane=V
  vein=V reign=R insane=IH0.N.S contain=K.AH0.N.T complain=K.AH0.M.P.L refrain=R.IH0.F.R
  sustain=S.AH0.S.T pane=P drain=D.R sprain=S.P.R strain=S.T.R windowpane=W.IH1.N.D.OW0.P
  hurricane=HH.ER1.AH0.K entertain=EH2.N.T.ER0.T campaign=K.AE0.M.P champagne=SH.AE0.M.P
  terrain=T.ER0
EY1 M: name=N flame=F.L same=S came=K frame=F.R game=G blame=B.L shame=SH tame=T fame=F claim=K.L
  aim= became=B.IH0.K lame=L proclaim=P.R.AH0.K.L nickname=N.IH1.K.N
IY1 M: dream=D.R stream=S.T.R seem=S beam=B team=T scream=S.K.R steam=S.T cream=K.R gleam=G.L
  theme=TH seam=S extreme=IH0.K.S.T.R redeem=R.IH0.D esteem=IH0.S.T upstream=AH2.P.S.T.R
  daydream=D.EY1.D.R
IY1 P: sleep=S.L keep=K deep=D asleep=AH0.S.L weep=W leap=L cheap=CH steep=S.T sweep=S.W creep=K.R
  reap=R heap=HH sheep=SH beep=B steep=S.T jeep=JH
IY1 T: street=S.T.R heat=HH beat=B feet=F sweet=S.W meet=M complete=K.AH0.M.P.L seat=S eat=
  repeat=R.IH0.P defeat=D.IH0.F retreat=R.IY0.T.R complete=K.AH0.M.P.L fleet=F.L sheet=SH neat=N
  treat=T.R cheat=CH greet=G.R wheat=W tweet=T.W discreet=D.IH0.S.K.R delete=D.IH0.L
  concrete=K.AA1.N.K.R incomplete=IH2.N.K.AH0.M.P.L bittersweet=B.IH2.T.ER0.S.W
  heartbeat=HH.AA1.R.T.B backseat=B.AE1.K.S downbeat=D.AW1.N.B meat=M
UW1: blue=B.L you=Y through=TH.R new=N true=T.R two=T view=V.Y few=F.Y do=D who=HH knew=N to=T
  too=T due=D grew=G.R flew=F.L threw=TH.R crew=K.R clue=K.L shoe=SH drew=D.R chew=CH zoo=Z
  queue=K.Y pursue=P.ER0.S subdue=S.AH0.B.D renew=R.IH0.N anew=AH0.N undo=AH0.N.D debut=D.EY0.B.Y
  review=R.IY0.V.Y untrue=AH0.N.T.R overdue=OW2.V.ER0.D avenue=AE1.V.AH0.N.Y
  interview=IH1.N.T.ER0.V.Y dew=D brew=B.R stew=S.T glue=G.L
UW1 N: moon=M soon=S june=JH tune=T noon=N spoon=S.P balloon=B.AH0.L afternoon=AE2.F.T.ER0.N
  croon=K.R immune=IH0.M.Y lagoon=L.AH0.G cartoon=K.AA0.R.T typhoon=T.AY0.F monsoon=M.AA0.N.S
  dune=D prune=P.R strewn=S.T.R honeymoon=HH.AH1.N.IY0.M
UW1 M: room=R bloom=B.L gloom=G.L loom=L doom=D whom=HH broom=B.R zoom=Z boom=B tomb=T
  assume=AH0.S resume=R.IH0.Z consume=K.AH0.N.S perfume=P.ER0.F.Y bedroom=B.EH1.D.R
  mushroom=M.AH1.SH.R cloakroom=K.L.OW1.K.R
AO1 R: door=D floor=F.L more=M shore=SH store=S.T war=W four=F for=F before=B.IH0.F core=K
  score=S.K ignore=IH0.G.N explore=IH0.K.S.P.L roar=R sure=SH adore=AH0.D poor=P pour=P sore=S
  soar=S tore=T wore=W swore=S.W restore=R.IH0.S.T your=Y or= nor=N ashore=AH0.SH oar=
  anymore=EH2.N.IY0.M evermore=EH2.V.ER0.M encore=AA1.N.K snore=S.N bore=B metaphor=M.EH1.T.AH0.F
AO1 NG: song=S long=L strong=S.T.R wrong=R along=AH0.L belong=B.IH0.L gong=G prolong=P.R.AH0.L
IH1 NG: ring=R sing=S spring=S.P.R wing=W bring=B.R string=S.T.R king=K thing=TH swing=S.W
  sting=S.T cling=K.L fling=F.L spring=S.P.R everything=EH1.V.R.IY0.TH anything=EH1.N.IY0.TH
IH1 L: still=S.T hill=HH will=W until=AH0.N.T chill=CH fill=F bill=B kill=K thrill=TH.R skill=S.K
  spill=S.P drill=D.R ill= mill=M pill=P sill=S grill=G.R fulfill=F.UH0.L.F windmill=W.IH1.N.D.M
AE1 S: glass=G.L pass=P grass=G.R brass=B.R mass=M class=K.L gas=G alas=AH0.L surpass=S.ER0.P
  hourglass=AW1.ER0.G.L overpass=OW1.V.ER0.P
AE1 S T: past=P last=L fast=F cast=K vast=V blast=B.L mast=M passed=P contrast=K.AA1.N.T.R
  forecast=F.AO1.R.K broadcast=B.R.AO1.D.K
AY1 D: side=S wide=W tide=T ride=R hide=HH guide=G beside=B.IH0.S inside=IH0.N.S outside=AW0.T.S
  pride=P.R bride=B.R slide=S.L decide=D.IH0.S divide=D.IH0.V provide=P.R.AH0.V collide=K.AH0.L
  glide=G.L aside=AH0.S cried=K.R tried=T.R died=D lied=L denied=D.IH0.N satisfied=S.AE1.T.AH0.S.F
  countryside=K.AH1.N.T.R.IY0.S mountainside=M.AW1.N.T.AH0.N.S suicide=S.UW1.AH0.S
EY1 S: place=P.L face=F space=S.P trace=T.R race=R grace=G.R chase=CH pace=P embrace=EH0.M.B.R
  base=B case=K erase=IH0.R lace=L replace=R.IH0.P.L bass=B ace= disgrace=D.IH0.S.G.R brace=B.R
  misplace=M.IH0.S.P.L pillowcase=P.IH1.L.OW0.K suitcase=S.UW1.T.K
EY1 V: wave=W brave=B.R gave=G save=S grave=G.R cave=K slave=S.L behave=B.IH0.HH forgave=F.ER0.G
  misbehave=M.IH2.S.B.IH0.HH rave=R crave=K.R pave=P
EH1 L: bell=B tell=T well=W farewell=F.EH2.R.W swell=S.W shell=SH fell=F spell=S.P smell=S.M
  hell=HH cell=S sell=S dwell=D.W hotel=HH.OW0.T motel=M.OW0.T yell=Y rebel=R.IH0.B
  compel=K.AH0.M.P carousel=K.EH2.R.AH0.S excel=IH0.K.S seashell=S.IY1.SH
AW1 T: out= about=AH0.B doubt=D without=W.IH0.TH shout=SH route=R drought=D.R scout=S.K
  throughout=TH.R.UW0 sprout=S.P.R trout=T.R stout=S.T
AY1: sky=S.K high=HH by=B fly=F.L why=W lie=L goodbye=G.UH2.D.B sigh=S reply=R.IH0.P.L cry=K.R
  die=D dry=D.R try=T.R i= eye= my=M buy=B tie=T shy=SH deny=D.IH0.N guy=G pie=P spy=S.P
  defy=D.IH0.F nearby=N.IH2.R.B apply=AH0.P.L sly=S.L thigh=TH july=JH.UH0.L alibi=AE1.L.AH0.B
  lullaby=L.AH1.L.AH0.B satisfy=S.AE1.T.AH0.S.F multiply=M.AH1.L.T.AH0.P.L firefly=F.AY1.ER0.F.L
  butterfly=B.AH1.T.ER0.F.L rely=R.IH0.L bye=B
OW1 D: road=R load=L code=K slowed=S.L owed= showed=SH rode=R toad=T explode=IH0.K.S.P.L
  flowed=F.L abode=AH0.B decode=D.IY0.K erode=IH0.R unload=AH0.N.L glowed=G.L episode=EH1.P.AH0.S
  crossroad=K.R.AO1.S.R
AE1 N D: hand=HH land=L sand=S stand=S.T and= band=B planned=P.L understand=AH2.N.D.ER0.S.T
  grand=G.R brand=B.R command=K.AH0.M demand=D.IH0.M expand=IH0.K.S.P strand=S.T.R
  withstand=W.IH0.TH.S.T firsthand=F.ER2.S.T.HH bland=B.L
EH1 N: ten=T then=DH when=W pen=P men=M den=D amen=AA0.M hen=HH yen=Y
EH1 N D: end= friend=F.R send=S bend=B mend=M lend=L spend=S.P tend=T pretend=P.R.IY0.T
  defend=D.IH0.F depend=D.IH0.P transcend=T.R.AE0.N.S descend=D.IH0.S amend=AH0.M intend=IH0.N.T
  weekend=W.IY1.K
AH1 S T: dust=D trust=T.R rust=R must=M just=JH crust=K.R adjust=AH0.JH unjust=AH0.N.JH
  disgust=D.IH0.S.G gust=G lust=L
AO1 N: dawn=D gone=G lawn=L drawn=D.R withdrawn=W.IH0.TH.D.R yawn=Y on= fawn=F upon=AH0.P pawn=P
  undrawn=AH0.N.D.R
IY1 V: leave=L believe=B.IH0.L grieve=G.R sleeve=S.L eve= receive=R.IH0.S reprieve=R.IH0.P.R
  achieve=AH0.CH deceive=D.IH0.S weave=W heave=HH relieve=R.IH0.L
IY1 L: feel=F steel=S.T wheel=W real=R heal=HH deal=D steal=S.T kneel=N reel=R keel=K seal=S
  meal=M reveal=R.IH0.V appeal=AH0.P conceal=K.AH0.N.S ideal=AY0.D heel=HH peel=P surreal=S.ER0.R
  zeal=Z unreal=AH0.N.R feel=F squeal=S.K.W
IY1 L D: field=F shield=SH yield=Y wield=W healed=HH sealed=S revealed=R.IH0.V
  battlefield=B.AE1.T.AH0.L.F
AY1 L: while=W mile=M smile=S.M file=F style=S.T aisle= isle= pile=P exile=EH1.G.Z tile=T
  trial=T.R dial=D awhile=AH0.W meanwhile=M.IY1.N.W worthwhile=W.ER1.TH.W reptile=R.EH1.P.T
  crocodile=K.R.AA1.K.AH0.D vile=V
AY1 L D: child=CH wild=W mild=M smiled=S.M filed=F exiled=EH1.G.Z styled=S.T
OW1 T: boat=B coat=K note=N float=F.L wrote=R throat=TH.R goat=G vote=V quote=K.W remote=R.IH0.M
  rote=R promote=P.R.AH0.M devote=D.IH0.V afloat=AH0.F.L denote=D.IH0.N oat=
  antidote=AE1.N.T.IH0.D
ER1 D: word=W heard=HH bird=B third=TH blurred=B.L absurd=AH0.B.S stirred=S.T unheard=AH0.N.HH
  herd=HH overheard=OW2.V.ER0.HH hummingbird=HH.AH1.M.IH0.NG.B nerd=N
ER1 N: burn=B turn=T learn=L return=R.IH0.T earn= urn= concern=K.AH0.N.S yearn=Y stern=S.T fern=F
  adjourn=AH0.JH discern=D.IH0.S overturn=OW2.V.ER0.T
ER1: her=HH were=W sir=S stir=S.T fur=F blur=B.L occur=AH0.K prefer=P.R.IH0.F purr=P slur=S.L
ER1 S T: first=F worst=W thirst=TH burst=B cursed=K rehearsed=R.IH0.HH
AE1 K: back=B track=T.R black=B.L pack=P crack=K.R lack=L slack=S.L rack=R stack=S.T attack=AH0.T
  knack=N snack=S.N almanac=AO1.L.M.AH0.N comeback=K.AH1.M.B soundtrack=S.AW1.N.D.T.R
  setback=S.EH1.T.B zodiac=Z.OW1.D.IY0
UH1 K: book=B look=L took=T shook=SH hook=HH crook=K.R nook=N cook=K brook=B.R mistook=M.IH0.S.T
  overlook=OW2.V.ER0.L notebook=N.OW1.T.B outlook=AW1.T.L logbook=L.AO1.G.B
IY1 N: green=G.R between=B.IH0.T.W screen=S.K.R seen=S machine=M.AH0.SH scene=S clean=K.L mean=M
  queen=K.W keen=K lean=L routine=R.UW0.T unseen=AH0.N.S serene=S.ER0.R marine=M.ER0.R bean=B
  teen=T seventeen=S.EH2.V.AH0.N.T gasoline=G.AE1.S.AH0.L evergreen=EH1.V.ER0.G.R
  trampoline=T.R.AE2.M.P.AH0.L tangerine=T.AE2.N.JH.ER0 submarine=S.AH2.B.M.ER0
  limousine=L.IH2.M.AH0.Z magazine=M.AE1.G.AH0.Z figurine=F.IH2.G.Y.ER0 nineteen=N.AY0.N.T
  fifteen=F.IH0.F.T sixteen=S.IH0.K.S.T
EY1 K: wake=W break=B.R lake=L shake=SH make=M ache= sake=S awake=AH0.W mistake=M.IH0.S.T take=T
  snake=S.N fake=F cake=K stake=S.T steak=S.T bake=B brake=B.R rake=R forsake=F.ER0.S flake=F.L
  heartbreak=HH.AA1.R.T.B.R snowflake=S.N.OW1.F.L earthquake=ER1.TH.K.W daybreak=D.EY1.B.R
AY1 V: drive=D.R alive=AH0.L arrive=AH0.R five=F survive=S.ER0.V revive=R.IH0.V dive=D hive=HH
  thrive=TH.R strive=S.T.R jive=JH deprive=D.IH0.P.R beehive=B.IY1.HH archive=AA1.R.K
  overdrive=OW1.V.ER0.D.R
AY1 F: life=L knife=N wife=W strife=S.T.R wildlife=W.AY1.L.D.L afterlife=AE1.F.T.ER0.L
EY1 T: late=L wait=W gate=G straight=S.T.R state=S.T fate=F weight=W date=D great=G.R hate=HH
  plate=P.L rate=R eight= bait=B crate=K.R create=K.R.IY0 relate=R.IH0.L debate=D.IH0.B
  translate=T.R.AE0.N.Z.L await=AH0.W skate=S.K slate=S.L estate=IH0.S.T hesitate=HH.EH1.Z.AH0.T
  paperweight=P.EY1.P.ER0.W interstate=IH1.N.T.ER0.S.T celebrate=S.EH1.L.AH0.B.R
  concentrate=K.AA1.N.S.AH0.N.T.R innate=IH0.N
EH1 S T: west=W rest=R chest=CH best=B guest=G test=T nest=N dressed=D.R quest=K.W blessed=B.L
  request=R.IH0.K.W arrest=ER0 pressed=P.R guessed=G confessed=K.AH0.N.F suggest=S.AH0.G.JH west=W
  unrest=AH0.N.R protest=P.R.OW1.T invest=IH0.N.V possessed=P.AH0.Z undressed=AH0.N.D.R jest=JH
  vest=V
AY1 M: time=T climb=K.L rhyme=R crime=K.R chime=CH prime=P.R dime=D lime=L sublime=S.AH0.B.L
  mime=M paradigm=P.EH1.R.AH0.D overtime=OW1.V.ER0.T lifetime=L.AY1.F.T summertime=S.AH1.M.ER0.T
  nighttime=N.AY1.T.T sometime=S.AH1.M.T springtime=S.P.R.IH1.NG.T slime=S.L
AY1 D Z: besides=B.IH0.S
AH1 V: love=L above=AH0.B dove=D of= glove=G.L shove=SH
UH1 D: good=G would=W could=K should=SH wood=W stood=S.T hood=HH understood=AH2.N.D.ER0.S.T
  childhood=CH.AY1.L.D.HH misunderstood=M.IH2.S.AH2.N.D.ER0.S.T neighborhood=N.EY1.B.ER0.HH
UW1 D: mood=M food=F rude=R attitude=AE1.T.AH0.T conclude=K.AH0.N.K.L include=IH0.N.K.L
  solitude=S.AA1.L.AH0.T dude=D renewed=R.IH0.N
UW1 T: root=R fruit=F.R boot=B shoot=SH suit=S mute=M.Y cute=K.Y pursuit=P.ER0.S salute=S.AH0.L
  absolute=AE1.B.S.AH0.L parachute=P.EH1.R.AH0.SH institute=IH1.N.S.T.AH0.T
UW1 Z: lose=L choose=CH news=N whose=HH confuse=K.AH0.N.F.Y refuse=R.IH0.F.Y bruise=B.R muse=M.Y
  cruise=K.R amuse=AH0.M.Y blues=B.L excuse=IH0.K.S.K.Y fuse=F.Y use=Y
UW1 L: cool=K school=S.K fool=F pool=P rule=R tool=T cruel=K.R jewel=JH fuel=F.Y
UW1 V: move=M prove=P.R groove=G.R improve=IH0.M.P.R remove=R.IY0.M approve=AH0.P.R
UW1 TH: truth=T.R youth=Y tooth=T booth=B
AW1 ER0: flower=F.L power=P hour= our= tower=T shower=SH sour=S flour=F.L devour=D.IH0.V cower=K
AW1: now=N how=HH cow=K vow=V bough=B allow=AH0.L wow=W somehow=S.AH1.M.HH plow=P.L
AW1 D: loud=L cloud=K.L crowd=K.R proud=P.R aloud=AH0.L allowed=AH0.L shroud=SH.R vowed=V
AW1 S: house=HH mouse=M blouse=B.L lighthouse=L.AY1.T.HH warehouse=W.EH1.R.HH
EH1 S: yes=Y less=L dress=D.R press=P.R guess=G mess=M bless=B.L stress=S.T.R confess=K.AH0.N.F
  express=IH0.K.S.P.R success=S.AH0.K.S possess=P.AH0.Z address=AH0.D.R caress=K.ER0
  unless=AH0.N.L progress=P.R.AA1.G.R obsess=AH0.B.S
EH1 T: get=G let=L set=S met=M wet=W bet=B forget=F.ER0.G regret=R.IH0.G.R yet=Y debt=D
  threat=TH.R sweat=S.W sunset=S.AH1.N.S cassette=K.AH0.S upset=AH0.P.S net=N jet=JH pet=P
  silhouette=S.IH2.L.AH0.W cigarette=S.IH2.G.ER0 internet=IH1.N.T.ER0.N reset=R.IY0.S
EH1 R IY0: very=V carry=K marry=M bury=B cherry=CH ferry=F berry=B vary=V
IH1 N: in= win=W skin=S.K begin=B.IH0.G thin=TH spin=S.P sin=S twin=T.W chin=CH pin=P tin=T
  within=W.IH0.DH violin=V.AY2.AH0.L grin=G.R bin=B fin=F
IH1 T: it= bit=B sit=S hit=HH fit=F lit=L quit=K.W split=S.P.L spit=S.P admit=AH0.D.M
  commit=K.AH0.M permit=P.ER0.M submit=S.AH0.B.M pit=P knit=N
IH1 S: this=DH kiss=K miss=M bliss=B.L hiss=HH abyss=AH0.B dismiss=D.IH0.S.M
IH1 NG K: think=TH drink=D.R sink=S pink=P blink=B.L link=L ink= brink=B.R shrink=SH.R wink=W
IH1 F T: lift=L drift=D.R gift=G shift=SH swift=S.W adrift=AH0.D.R
IH1 L D: build=B filled=F killed=K rebuild=R.IY0.B thrilled=TH.R chilled=CH guild=G spilled=S.P
IH1 V: give=G live=L forgive=F.ER0.G relive=R.IY0.L outlive=AW2.T.L
AH1 M: come=K some=S drum=D.R numb=N become=B.IH0.K thumb=TH from=F.R hum=HH crumb=K.R
  overcome=OW2.V.ER0.K plum=P.L sum=S
AH1 N D: fund=F stunned=S.T
AH1 NG: young=Y tongue=T sung=S hung=HH rung=R among=AH0.M strung=S.T.R lung=L swung=S.W
AH1 K: luck=L stuck=S.T truck=T.R struck=S.T.R duck=D
AH1 N T: hunt=HH front=F.R blunt=B.L stunt=S.T confront=K.AH0.N.F.R
AH1 F: enough=IH0.N rough=R tough=T stuff=S.T bluff=B.L
AH1 T: but=B cut=K shut=SH what=W hut=HH gut=G nut=N
AH1 SH: rush=R hush=HH crush=K.R brush=B.R blush=B.L
AH1 V ER0: cover=K lover=L discover=D.IH0.S.K hover=HH
AH1 DH ER0: other= mother=M brother=B.R another=AH0.N smother=S.M
AA1 T: not=N lot=L hot=HH got=G forgot=F.ER0.G spot=S.P shot=SH knot=N dot=D plot=P.L
AA1 K: rock=R clock=K.L lock=L block=B.L knock=N shock=SH stock=S.T unlock=AH0.N.L dock=D
AA1 P: stop=S.T drop=D.R top=T hop=HH shop=SH crop=K.R pop=P
AO1 S T: lost=L cost=K frost=F.R crossed=K.R exhaust=IH0.G.Z tossed=T
AO1 T: thought=TH caught=K bought=B brought=B.R fought=F taught=T ought= sought=S
AO1 K: walk=W talk=T chalk=CH stalk=S.T hawk=HH
AO1 S: loss=L cross=K.R boss=B toss=T across=AH0.K.R moss=M sauce=S
AO1 F: off= cough=K
AO1 R D: lord=L sword=S chord=K board=B toward=T.AH0.W afford=AH0.F ignored=IH0.G.N reward=R.IH0.W
  accord=AH0.K cord=K adored=AH0.D explored=IH0.K.S.P.L
AO1 R N: born=B torn=T worn=W horn=HH thorn=TH corn=K warn=W mourn=M morn=M adorn=AH0.D
  unicorn=Y.UW1.N.AH0.K
AO1 R M: storm=S.T form=F warm=W swarm=S.W perform=P.ER0.F reform=R.IH0.F transform=T.R.AE0.N.S.F
AO1 R T: short=SH port=P fort=F court=K sport=S.P report=R.IH0.P support=S.AH0.P airport=EH1.R.P
AA1 R D: hard=HH guard=G card=K yard=Y scarred=S.K regard=R.IH0.G discard=D.IH0.S.K
  boulevard=B.UH1.L.AH0.V postcard=P.OW1.S.T.K
AA1 R M: arm= harm=HH charm=CH farm=F alarm=AH0.L
AE1 N: man=M can=K ran=R began=B.IH0.G plan=P.L fan=F van=V than=DH ban=B tan=T
AE1 N S: dance=D chance=CH glance=G.L romance=R.OW0.M advance=AH0.D.V trance=T.R
AE1 T: that=DH cat=K hat=HH sat=S flat=F.L at= bat=B chat=CH rat=R
AE1 P: map=M trap=T.R snap=S.N gap=G cap=K lap=L tap=T wrap=R strap=S.T.R
AE1 D: had=HH bad=B sad=S mad=M glad=G.L dad=D add= sad=S
AE1 M: am= jam=JH slam=S.L telegram=T.EH1.L.AH0.G.R damn=D exam=IH0.G.Z
AE1 F T ER0: after= laughter=L
AE1 D OW2: shadow=SH
AE1 SH: flash=F.L crash=K.R ash= cash=K dash=D trash=T.R splash=S.P.L smash=S.M
AE1 L IY0: valley=V alley= rally=R
EY1 N D: stained=S.T
EY1 L: sail=S trail=T.R fail=F tale=T pale=P tail=T whale=W scale=S.K rail=R veil=V mail=M
  inhale=IH0.N.HH exhale=EH0.K.S.HH fairytale=F.EH1.R.IY0.T jail=JH nail=N female=F.IY1.M
EY1 D: made=M fade=F shade=SH played=P.L afraid=AH0.F.R stayed=S.T trade=T.R paid=P parade=P.ER0
  blade=B.L grade=G.R laid=L weighed=W cascade=K.AE0.S.K swayed=S.W unmade=AH0.N.M
  serenade=S.EH2.R.AH0.N masquerade=M.AE2.S.K.ER0 lemonade=L.EH2.M.AH0.N renegade=R.EH1.N.AH0.G
  unpaid=AH0.N.P handmade=HH.AE1.N.D.M
EY1 JH: page=P stage=S.T age= rage=R cage=K wage=W engage=EH0.N.G
EY1 Z: days=D ways=W maze=M phase=F gaze=G blaze=B.L praise=P.R raise=R haze=HH amaze=AH0.M
  always=AO1.L.W nowadays=N.AW1.AH0.D
IY1 D: need=N speed=S.P bleed=B.L seed=S feed=F freed=F.R deed=D indeed=IH0.N.D agreed=AH0.G.R
  proceed=P.R.AH0.S succeed=S.AH0.K.S creed=K.R weed=W exceed=IH0.K.S guaranteed=G.EH2.R.AH0.N.T
IY1 K: speak=S.P week=W weak=W seek=S peak=P cheek=CH leak=L unique=Y.UW0.N sneak=S.N
  antique=AE0.N.T creek=K.R mystique=M.IH0.S.T technique=T.EH0.K.N
IY1 CH: reach=R teach=T each= speech=S.P beach=B peach=P preach=P.R
IY1 S: peace=P piece=P release=R.IH0.L cease=S increase=IH0.N.K.R police=P.AH0.L decease=D.IH0.S
  masterpiece=M.AE1.S.T.ER0.P niece=N
IY1 Z: please=P.L these=DH breeze=B.R freeze=F.R ease= knees=N seas=S keys=K trees=T.R
  disease=D.IH0.Z squeeze=S.K.W cheese=CH
OW1 L: soul=S whole=HH roll=R goal=G hole=HH control=K.AH0.N.T.R pole=P stole=S.T coal=K role=R
  toll=T console=K.AH0.N.S patrol=P.AH0.T.R rigmarole=R.IH1.G.M.AH0.R
OW1 P: hope=HH rope=R slope=S.L cope=K soap=S telescope=T.EH1.L.AH0.S.K envelope=EH1.N.V.AH0.L
  horoscope=HH.AO1.R.AH0.S.K
OW1 K: smoke=S.M broke=B.R woke=W spoke=S.P joke=JH oak= cloak=K.L awoke=AH0.W choke=CH
OW1 Z: close=K.L rose=R chose=CH those=DH nose=N knows=N goes=G froze=F.R suppose=S.AH0.P
  compose=K.AH0.M.P expose=IH0.K.S.P disclose=D.IH0.S.K.L enclose=EH0.N.K.L toes=T woes=W
OW1 V ER0: over= clover=K.L moreover=M.AO0.R rover=R
OW1 S T: ghost=G most=M coast=K post=P toast=T host=HH almost=AO1.L.M boast=B
OW1 V: drove=D.R stove=S.T wove=W cove=K
AY1 Z: eyes= rise=R wise=W skies=S.K prize=P.R lies=L disguise=D.IH0.S.G surprise=S.ER0.P.R
  realize=R.IY1.AH0.L cries=K.R size=S goodbyes=G.UH2.D.B despise=D.IH0.S.P
  compromise=K.AA1.M.P.R.AH0.M arise=AH0.R sunrise=S.AH1.N.R fireflies=F.AY1.ER0.F.L
AY1 S: ice= price=P.R twice=T.W nice=N advice=AH0.D.V device=D.IH0.V paradise=P.EH1.R.AH0.D
  sacrifice=S.AE1.K.R.AH0.F dice=D slice=S.L suffice=S.AH0.F precise=P.R.IH0.S
AY1 K: like=L bike=B strike=S.T.R hike=HH alike=AH0.L spike=S.P
AY1 P: type=T wipe=W stripe=S.T.R ripe=R pipe=P
ER1 L: girl=G pearl=P curl=K whirl=W swirl=S.W unfurl=AH0.N.F uncurl=AH0.N.K
ER1 L D: world=W swirled=S.W underworld=AH1.N.D.ER0.W
ER1 K: work=W lurk=L shirk=SH clockwork=K.L.AA1.K.W network=N.EH1.T.W firework=F.AY1.ER0.W
ER1 TH: earth= birth=B worth=W rebirth=R.IY0.B mirth=M
ER1 T: hurt=HH dirt=D shirt=SH alert=AH0.L concert=K.AA1.N.S dessert=D.IH0.Z flirt=F.L
ER1 V: serve=S nerve=N curve=K deserve=D.IH0.Z observe=AH0.B.Z preserve=P.R.IH0.Z swerve=S.W
OY1: boy=B joy=JH toy=T destroy=D.IH0.S.T.R enjoy=EH0.N.JH employ=EH0.M.P.L
OY1 N: coin=K join=JH
OY1 S: voice=V choice=CH rejoice=R.IH0.JH
"""

WORDS = """
a=AH0 the=DH.AH0 an=AE0.N i'll=AY1.L i'm=AY1.M i've=AY1.V i'd=AY1.D you'll=Y.UW1.L you're=Y.AO1.R
  you've=Y.UW1.V we'll=W.IY1.L we're=W.IH1.R we've=W.IY1.V they're=DH.EH1.R they'll=DH.EY1.L
  it's=IH1.T.S that's=DH.AE1.T.S there's=DH.EH1.R.Z here's=HH.IH1.R.Z what's=W.AH1.T.S
  who's=HH.UW1.Z let's=L.EH1.T.S can't=K.AE1.N.T don't=D.OW1.N.T won't=W.OW1.N.T
  isn't=IH1.Z.AH0.N.T wasn't=W.AA1.Z.AH0.N.T didn't=D.IH1.D.AH0.N.T doesn't=D.AH1.Z.AH0.N.T
  couldn't=K.UH1.D.AH0.N.T wouldn't=W.UH1.D.AH0.N.T shouldn't=SH.UH1.D.AH0.N.T
  nobody's=N.OW1.B.AH0.D.IY0.Z everyone's=EH1.V.R.IY0.W.AH2.N.Z times'=T.AY1.M.Z
is=IH1.Z was=W.AA1.Z has=HH.AE1.Z have=HH.AE1.V had=HH.AE1.D does=D.AH1.Z did=D.IH1.D been=B.IH1.N
  his=HH.IH1.Z him=HH.IH1.M as=AE1.Z us=AH1.S them=DH.EH1.M ever=EH1.V.ER0 never=N.EH1.V.ER0
  every=EH1.V.R.IY0 any=EH1.N.IY0 many=M.EH1.N.IY0 only=OW1.N.L.IY0 once=W.AH1.N.S
  even=IY1.V.AH0.N evening=IY1.V.N.IH0.NG under=AH1.N.D.ER0 into=IH1.N.T.UW0 because=B.IH0.K.AH1.Z
  against=AH0.G.EH1.N.S.T beyond=B.IY0.AA1.N.D beneath=B.IH0.N.IY1.TH toward=T.AH0.W.AO1.R.D
  among=AH0.M.AH1.NG both=B.OW1.TH said=S.EH1.D says=S.EH1.Z again=AH0.G.EH1.N
  pretty=P.R.IH1.T.IY0 people=P.IY1.P.AH0.L water=W.AO1.T.ER0 woman=W.UH1.M.AH0.N
  women=W.IH1.M.AH0.N father=F.AA1.DH.ER0 mama=M.AA1.M.AH0 papa=P.AA1.P.AH0 baby=B.EY1.B.IY0
  lady=L.EY1.D.IY0 body=B.AA1.D.IY0 nobody=N.OW1.B.AH0.D.IY0 somebody=S.AH1.M.B.AH0.D.IY0
  anybody=EH1.N.IY0.B.AA2.D.IY0 everybody=EH1.V.R.IY0.B.AA2.D.IY0 nothing=N.AH1.TH.IH0.NG
  something=S.AH1.M.TH.IH0.NG morning=M.AO1.R.N.IH0.NG memory=M.EH1.M.ER0.IY0
  melody=M.EH1.L.AH0.D.IY0 mystery=M.IH1.S.T.ER0.IY0 history=HH.IH1.S.T.ER0.IY0
  story=S.T.AO1.R.IY0 glory=G.L.AO1.R.IY0 city=S.IH1.T.IY0 pity=P.IH1.T.IY0 heaven=HH.EH1.V.AH0.N
  heavy=HH.EH1.V.IY0 ready=R.EH1.D.IY0 steady=S.T.EH1.D.IY0 already=AO0.L.R.EH1.D.IY0
  weather=W.EH1.DH.ER0 leather=L.EH1.DH.ER0 feather=F.EH1.DH.ER0 together=T.AH0.G.EH1.DH.ER0
  forever=F.ER0.EH1.V.ER0 whatever=W.AH0.T.EH1.V.ER0 wherever=W.EH0.R.EH1.V.ER0 breath=B.R.EH1.TH
  breathe=B.R.IY1.DH death=D.EH1.TH feelings=F.IY1.L.IH0.NG.Z angel=EY1.N.JH.AH0.L
  danger=D.EY1.N.JH.ER0 stranger=S.T.R.EY1.N.JH.ER0 change=CH.EY1.N.JH strange=S.T.R.EY1.N.JH
  orange=AO1.R.AH0.N.JH
ocean=OW1.SH.AH0.N island=AY1.L.AH0.N.D harbour=HH.AA1.R.B.ER0 harbor=HH.AA1.R.B.ER0
  colour=K.AH1.L.ER0 color=K.AH1.L.ER0 neighbour=N.EY1.B.ER0 neighbor=N.EY1.B.ER0
  shoulder=SH.OW1.L.D.ER0 soldier=S.OW1.L.JH.ER0 answer=AE1.N.S.ER0 listen=L.IH1.S.AH0.N
  castle=K.AE1.S.AH0.L whistle=W.IH1.S.AH0.L hour=AW1.ER0 honest=AA1.N.AH0.S.T honour=AA1.N.ER0
  honor=AA1.N.ER0 ghost=G.OW1.S.T laugh=L.AE1.F half=HH.AE1.F calm=K.AA1.M palm=P.AA1.M
  sword=S.AO1.R.D iron=AY1.ER0.N lion=L.AY1.AH0.N quiet=K.W.AY1.AH0.T silent=S.AY1.L.AH0.N.T
  silence=S.AY1.L.AH0.N.S violet=V.AY1.AH0.L.AH0.T violent=V.AY1.AH0.L.AH0.N.T
  diamond=D.AY1.M.AH0.N.D giant=JH.AY1.AH0.N.T science=S.AY1.AH0.N.S ancient=EY1.N.SH.AH0.N.T
  patient=P.EY1.SH.AH0.N.T river=R.IH1.V.ER0 silver=S.IH1.L.V.ER0 winter=W.IH1.N.T.ER0
  summer=S.AH1.M.ER0 autumn=AO1.T.AH0.M season=S.IY1.Z.AH0.N reason=R.IY1.Z.AH0.N
  lemon=L.EH1.M.AH0.N heron=HH.EH1.R.AH0.N horizon=HH.ER0.AY1.Z.AH0.N mirror=M.IH1.R.ER0
  circle=S.ER1.K.AH0.L circuit=S.ER1.K.AH0.T engine=EH1.N.JH.AH0.N lantern=L.AE1.N.T.ER0.N
  metal=M.EH1.T.AH0.L petal=P.EH1.T.AH0.L crystal=K.R.IH1.S.T.AH0.L signal=S.IH1.G.N.AH0.L
  travel=T.R.AE1.V.AH0.L velvet=V.EH1.L.V.AH0.T ticket=T.IH1.K.AH0.T pocket=P.AA1.K.AH0.T
  planet=P.L.AE1.N.AH0.T comet=K.AA1.M.AH0.T secret=S.IY1.K.R.AH0.T moment=M.OW1.M.AH0.N.T
  promise=P.R.AA1.M.AH0.S service=S.ER1.V.AH0.S office=AO1.F.AH0.S notice=N.OW1.T.AH0.S
  music=M.Y.UW1.Z.IH0.K human=HH.Y.UW1.M.AH0.N future=F.Y.UW1.CH.ER0 picture=P.IH1.K.CH.ER0
  nature=N.EY1.CH.ER0 measure=M.EH1.ZH.ER0 treasure=T.R.EH1.ZH.ER0 pleasure=P.L.EH1.ZH.ER0
  television=T.EH1.L.AH0.V.IH2.ZH.AH0.N vision=V.IH1.ZH.AH0.N emotion=IH0.M.OW1.SH.AH0.N
  devotion=D.IH0.V.OW1.SH.AH0.N motion=M.OW1.SH.AH0.N station=S.T.EY1.SH.AH0.N
  nation=N.EY1.SH.AH0.N temptation=T.EH0.M.T.EY1.SH.AH0.N
alien=EY1.L.IY0.AH0.N antenna=AE0.N.T.EH1.N.AH0 april=EY1.P.R.AH0.L august=AO1.G.AH0.S.T
  automatic=AO2.T.AH0.M.AE1.T.IH0.K avalanche=AE1.V.AH0.L.AE2.N.CH battery=B.AE1.T.ER0.IY0
  beacon=B.IY1.K.AH0.N bicycle=B.AY1.S.IH0.K.AH0.L border=B.AO1.R.D.ER0 borrow=B.AA1.R.OW0
  bottom=B.AA1.T.AH0.M bracelet=B.R.EY1.S.L.AH0.T brother=B.R.AH1.DH.ER0 bullet=B.UH1.L.AH0.T
  bulletproof=B.UH1.L.AH0.T.P.R.UW2.F bumpy=B.AH1.M.P.IY0 buoy=B.UW1.IY0 business=B.IH1.Z.N.AH0.S
  busy=B.IH1.Z.IY0 cable=K.EY1.B.AH0.L cache=K.AE1.SH calendar=K.AE1.L.AH0.N.D.ER0
  camera=K.AE1.M.ER0.AH0 candle=K.AE1.N.D.AH0.L canyon=K.AE1.N.Y.AH0.N channel=CH.AE1.N.AH0.L
  children=CH.IH1.L.D.R.AH0.N chimney=CH.IH1.M.N.IY0 chorus=K.AO1.R.AH0.S
  christmas=K.R.IH1.S.M.AH0.S chromium=K.R.OW1.M.IY0.AH0.M church=CH.ER1.CH cobalt=K.OW1.B.AO2.L.T
  coffee=K.AO1.F.IY0 compass=K.AH1.M.P.AH0.S contract=K.AA1.N.T.R.AE2.K.T
  coordinate=K.OW0.AO1.R.D.AH0.N.AH0.T country=K.AH1.N.T.R.IY0 county=K.AW1.N.T.IY0
  courage=K.ER1.AH0.JH crater=K.R.EY1.T.ER0 crooked=K.R.UH1.K.AH0.D cursor=K.ER1.S.ER0
  curtain=K.ER1.T.AH0.N december=D.IH0.S.EH1.M.B.ER0 definition=D.EH2.F.AH0.N.IH1.SH.AH0.N
  depot=D.IY1.P.OW0 desert=D.EH1.Z.ER0.T design=D.IH0.Z.AY1.N desk=D.EH1.S.K dial=D.AY1.AH0.L
  digital=D.IH1.JH.AH0.T.AH0.L disposable=D.IH0.S.P.OW1.Z.AH0.B.AH0.L dollar=D.AA1.L.ER0
  double=D.AH1.B.AH0.L eagle=IY1.G.AH0.L early=ER1.L.IY0 easy=IY1.Z.IY0 echo=EH1.K.OW0
  elevator=EH1.L.AH0.V.EY2.T.ER0 elm=EH1.L.M ember=EH1.M.B.ER0 emerald=EH1.M.R.AH0.L.D
  empty=EH1.M.P.T.IY0 error=EH1.R.ER0 escape=IH0.S.K.EY1.P exit=EH1.G.Z.IH0.T
  extra=EH1.K.S.T.R.AH0 familiar=F.AH0.M.IH1.L.Y.ER0 favorite=F.EY1.V.R.AH0.T
  favourite=F.EY1.V.R.AH0.T fearless=F.IH1.R.L.AH0.S figure=F.IH1.G.Y.ER0 final=F.AY1.N.AH0.L
  finger=F.IH1.NG.G.ER0 flood=F.L.AH1.D floppy=F.L.AA1.P.IY0 forest=F.AO1.R.AH0.S.T
  fountain=F.AW1.N.T.AH0.N friday=F.R.AY1.D.EY2 furrow=F.ER1.OW0 garden=G.AA1.R.D.AH0.N
  gather=G.AE1.DH.ER0 general=JH.EH1.N.R.AH0.L gentle=JH.EH1.N.T.AH0.L glacier=G.L.EY1.SH.ER0
  golden=G.OW1.L.D.AH0.N gravel=G.R.AE1.V.AH0.L gravity=G.R.AE1.V.AH0.T.IY0
  greatest=G.R.EY1.T.AH0.S.T groan=G.R.OW1.N hallelujah=HH.AE2.L.AH0.L.UW1.Y.AH0
  handle=HH.AE1.N.D.AH0.L happy=HH.AE1.P.IY0 hatchet=HH.AE1.CH.AH0.T hazy=HH.EY1.Z.IY0
  helmet=HH.EH1.L.M.AH0.T hollow=HH.AA1.L.OW0 holy=HH.OW1.L.IY0 honey=HH.AH1.N.IY0
  hornet=HH.AO1.R.N.AH0.T hotel=HH.OW0.T.EH1.L hundred=HH.AH1.N.D.R.AH0.D hungry=HH.AH1.NG.G.R.IY0
  hymn=HH.IH1.M icicle=AY1.S.IH0.K.AH0.L icy=AY1.S.IY0 infinite=IH1.N.F.AH0.N.AH0.T ivy=AY1.V.IY0
  jacket=JH.AE1.K.AH0.T january=JH.AE1.N.Y.UW0.EH2.R.IY0 kettle=K.EH1.T.AH0.L
  kitchen=K.IH1.CH.AH0.N ladder=L.AE1.D.ER0 language=L.AE1.NG.G.W.AH0.JH laser=L.EY1.Z.ER0
  laundry=L.AO1.N.D.R.IY0 lazy=L.EY1.Z.IY0 lesson=L.EH1.S.AH0.N letter=L.EH1.T.ER0
  library=L.AY1.B.R.EH2.R.IY0 linger=L.IH1.NG.G.ER0 liquid=L.IH1.K.W.AH0.D little=L.IH1.T.AH0.L
  logic=L.AA1.JH.IH0.K lonely=L.OW1.N.L.IY0 loyal=L.OY1.AH0.L lukewarm=L.UW1.K.W.AO2.R.M
  luminous=L.UW1.M.AH0.N.AH0.S lunar=L.UW1.N.ER0 magic=M.AE1.JH.IH0.K
  magnetic=M.AE0.G.N.EH1.T.IH0.K maple=M.EY1.P.AH0.L margin=M.AA1.R.JH.AH0.N maybe=M.EY1.B.IY0
  meant=M.EH1.N.T merry=M.EH1.R.IY0 message=M.EH1.S.AH0.JH meteor=M.IY1.T.IY0.ER0
  meter=M.IY1.T.ER0 middle=M.IH1.D.AH0.L million=M.IH1.L.Y.AH0.N minimum=M.IH1.N.AH0.M.AH0.M
  minor=M.AY1.N.ER0 minute=M.IH1.N.AH0.T mission=M.IH1.SH.AH0.N moment's=M.OW1.M.AH0.N.T.S
  monday=M.AH1.N.D.EY2 money=M.AH1.N.IY0 monitor=M.AA1.N.AH0.T.ER0 month=M.AH1.N.TH
  motor=M.OW1.T.ER0 mountain=M.AW1.N.T.AH0.N mouth=M.AW1.TH myself=M.AY0.S.EH1.L.F
  naked=N.EY1.K.AH0.D narrow=N.EH1.R.OW0 neon=N.IY1.AA0.N northern=N.AO1.R.DH.ER0.N
  number=N.AH1.M.B.ER0 nursery=N.ER1.S.ER0.IY0 orbit=AO1.R.B.AH0.T orbital=AO1.R.B.AH0.T.AH0.L
  orchard=AO1.R.CH.ER0.D ounce=AW1.N.S oxygen=AA1.K.S.AH0.JH.AH0.N paddle=P.AE1.D.AH0.L
  paper=P.EY1.P.ER0 passenger=P.AE1.S.AH0.N.JH.ER0 pattern=P.AE1.T.ER0.N pencil=P.EH1.N.S.AH0.L
  perfect=P.ER1.F.IH0.K.T petrol=P.EH1.T.R.AH0.L photo=F.OW1.T.OW0
  photograph=F.OW1.T.AH0.G.R.AE2.F piano=P.IY0.AE1.N.OW0 pilgrim=P.IH1.L.G.R.AH0.M
  pixel=P.IH1.K.S.AH0.L plateau=P.L.AE0.T.OW1 polaroid=P.OW1.L.ER0.OY2.D puddle=P.AH1.D.AH0.L
  pull=P.UH1.L push=P.UH1.SH full=F.UH1.L quarter=K.W.AO1.R.T.ER0 question=K.W.EH1.S.CH.AH0.N
  rather=R.AE1.DH.ER0 receipt=R.IH0.S.IY1.T reckless=R.EH1.K.L.AH0.S record=R.EH1.K.ER0.D
  recorder=R.IH0.K.AO1.R.D.ER0 relentless=R.IH0.L.EH1.N.T.L.AH0.S remember=R.IH0.M.EH1.M.B.ER0
  rhythm=R.IH1.DH.AH0.M ribbon=R.IH1.B.AH0.N royal=R.OY1.AH0.L rudder=R.AH1.D.ER0
  sadder=S.AE1.D.ER0 sailor=S.EY1.L.ER0 sandal=S.AE1.N.D.AH0.L saturday=S.AE1.T.ER0.D.EY2
  scaffold=S.K.AE1.F.AH0.L.D scarlet=S.K.AA1.R.L.AH0.T school=S.K.UW1.L search=S.ER1.CH
  second=S.EH1.K.AH0.N.D sensor=S.EH1.N.S.ER0 server=S.ER1.V.ER0 seven=S.EH1.V.AH0.N
  eleven=IH0.L.EH1.V.AH0.N shimmer=SH.IH1.M.ER0 shoreline=SH.AO1.R.L.AY2.N shovel=SH.AH1.V.AH0.L
  since=S.IH1.N.S single=S.IH1.NG.G.AH0.L siren=S.AY1.R.AH0.N sister=S.IH1.S.T.ER0
  skeleton=S.K.EH1.L.AH0.T.AH0.N sodium=S.OW1.D.IY0.AH0.M solar=S.OW1.L.ER0 solid=S.AA1.L.AH0.D
  sonic=S.AA1.N.IH0.K sorry=S.AA1.R.IY0 source=S.AO1.R.S sparrow=S.P.EH1.R.OW0
  speaker=S.P.IY1.K.ER0 static=S.T.AE1.T.IH0.K stifled=S.T.AY1.F.AH0.L.D stomach=S.T.AH1.M.AH0.K
  stubborn=S.T.AH1.B.ER0.N suddenly=S.AH1.D.AH0.N.L.IY0 sugar=SH.UH1.G.ER0 summit=S.AH1.M.AH0.T
  sundress=S.AH1.N.D.R.EH2.S swallow=S.W.AA1.L.OW0 sweater=S.W.EH1.T.ER0
  synthetic=S.IH0.N.TH.EH1.T.IH0.K table=T.EY1.B.AH0.L tempo=T.EH1.M.P.OW0 tender=T.EH1.N.D.ER0
  tennis=T.EH1.N.AH0.S terminal=T.ER1.M.AH0.N.AH0.L thaw=TH.AO1 thirteenth=TH.ER0.T.IY1.N.TH
  thousand=TH.AW1.Z.AH0.N.D thunder=TH.AH1.N.D.ER0 thunderous=TH.AH1.N.D.ER0.AH0.S
  tidal=T.AY1.D.AH0.L tomorrow=T.AH0.M.AA1.R.OW0 touch=T.AH1.CH towel=T.AW1.AH0.L
  transmission=T.R.AE0.N.S.M.IH1.SH.AH0.N trophy=T.R.OW1.F.IY0 trouble=T.R.AH1.B.AH0.L
  tunnel=T.AH1.N.AH0.L turquoise=T.ER1.K.W.OY2.Z umbrella=AH0.M.B.R.EH1.L.AH0 update=AH1.P.D.EY2.T
  usual=Y.UW1.ZH.AW0.AH0.L verse=V.ER1.S wander=W.AA1.N.D.ER0 wonder=W.AH1.N.D.ER0 want=W.AA1.N.T
  wash=W.AA1.SH watch=W.AA1.CH weaver=W.IY1.V.ER0 wedding=W.EH1.D.IH0.NG
  weightless=W.EY1.T.L.AH0.S whisper=W.IH1.S.P.ER0 wild=W.AY1.L.D willow=W.IH1.L.OW0
  wind=W.IH1.N.D window=W.IH1.N.D.OW0 winding=W.AY1.N.D.IH0.NG wipe=W.AY1.P wolf=W.UH1.L.F
  wolves=W.UH1.L.V.Z wool=W.UH1.L woollen=W.UH1.L.AH0.N yellow=Y.EH1.L.OW0 young=Y.AH1.NG
  world=W.ER1.L.D wrapped=R.AE1.P.T written=R.IH1.T.AH0.N broken=B.R.OW1.K.AH0.N open=OW1.P.AH0.N
  frozen=F.R.OW1.Z.AH0.N stolen=S.T.OW1.L.AH0.N spoken=S.P.OW1.K.AH0.N chosen=CH.OW1.Z.AH0.N
  fallen=F.AO1.L.AH0.N hidden=HH.IH1.D.AH0.N given=G.IH1.V.AH0.N heartbeats=HH.AA1.R.T.B.IY2.T.S
  tire=T.AY1.ER0 tireless=T.AY1.ER0.L.AH0.S worship=W.ER1.SH.AH0.P water's=W.AO1.T.ER0.Z
  amber=AE1.M.B.ER0 anchor=AE1.NG.K.ER0 anger=AE1.NG.G.ER0 apple=AE1.P.AH0.L archive=AA1.R.K.AY2.V
  asked=AE1.S.K.T built=B.IH1.L.T dye=D.AY1 dying=D.AY1.IH0.NG lying=L.AY1.IH0.NG
  tying=T.AY1.IH0.NG drawing=D.R.AO1.IH0.NG put=P.UH1.T foot=F.UH1.T barefoot=B.EH1.R.F.UH2.T
  different=D.IH1.F.R.AH0.N.T distant=D.IH1.S.T.AH0.N.T standard=S.T.AE1.N.D.ER0.D thee=DH.IY1
  dead=D.EH1.D m=EH1.M emotion's=IH0.M.OW1.SH.AH0.N.Z attic=AE1.T.IH0.K
  astronaut=AE1.S.T.R.AH0.N.AO2.T
"""
