"""Sentences written for the bench, by hand and before any answer of the model to them was seen. Never trained on.

In the sets of two labels + is positive and - negative. Of the aspects, each term stands with its own sign.
"""

import re

EMOJI = """
+ new shoes 😍
+ just arrived ❤️❤️
+ the packaging 👌
+ 10/10 🔥🔥
+ finally here 🎉
+ my mum opened it 🥰
+ second order already 😊
+ dinner yesterday 😋
+ what a fit 💯
+ thank you so much 🙏
+ this lamp in my room 🤩
+ came in two days 👏👏
+ 👍
+ 😍😍😍😍
+ picked it up today 😁
+ the staff here 💕
+ it's so soft 🥹
+ coffee number three ☕😎
+ wearing it tonight ✨
+ five stars ⭐⭐⭐⭐⭐
+ can't stop eating these 🤤
+ my dog with the new bed 🐶💖
+ ordered, paid, delivered ✅
+ 🙌🙌
+ customer service called me back 😃
- third week of waiting 😡
- the zip 🙄
- look at the seam 😤
- 👎👎
- and it rained in 😩
- no answer again 😠
- this is what arrived 💔
- after one wash 😭
- size 10 they said 😒
- two hours on hold 🤬
- the smell 🤢
- my order 🤦‍♀️
- the soup 🤮
- they lost the parcel 😞
- screen on day three 😫
- 😡😡😡
- never coming back 😑
- the bill 😱
- colour in the photo and colour in my hand 😕
- waited all day for the driver 😔
- the left one is bigger ☹️
- paid for express 🖕
- it was the last one they had 😢
- heel gone 💀
- battery after a week 🗑️
"""

FIGURES = r"""
+ These jeans fit like a glove
+ Worth every penny.
+ can't fault it
+ Hit the nail on the head with my diagnosis, fixed in an hour
+ Knocked it out of the park with the wedding cake!
+ This little speaker punches well above its weight
+ Went above and beyond to find my lost parcel
+ Couldn't be happier with the new boiler
+ the brisket melts in your mouth
+ Not too shabby for twenty bucks
+ Does exactly what it says on the tin
+ I'll be back for sure
+ My kids won't take them off
+ 10/10 would stay again
+ A real bang for your buck
+ Never had a single problem in three years of daily use
+ Chef's kiss 👌
+ The staff treated us like royalty
+ Shut up and take my money
+ Blew my old laptop out of the water
+ Not a bad word to say about this plumber
+ Setup was a breeze
+ Out of the box and running in five minutes
+ This app is a game changer
+ Best thing since sliced bread
+ Where has this been all my life??
+ Left us wanting more
+ We licked our plates clean
+ Hats off to the kitchen
+ Five stars isn't enough
+ Saved my bacon the night before a presentation
+ Ordered Monday, here Tuesday. What more could you ask for?
+ I've already recommended them to half the office
+ it's a keeper
+ slept like a baby both nights
+ This phone runs circles around my last one
+ No complaints here.
+ the bee's knees
+ Head and shoulders above every other garage in town
+ Took it like a champ after I dropped it on concrete
+ Still going strong after 6 years
+ Exceeded all my expectations
+ They didn't miss a beat
+ Quick as a flash and cheaper than the dealer
+ Fries were on point
+ that ramen slaps
+ The gravy alone is to die for
+ Bought one, went back and bought three more
+ You won't regret it
+ I was sceptical, but I'm a convert now
+ Hands down the nicest sheets we've owned
+ Customer service bent over backwards for us
+ A hidden gem tucked behind the station
+ It's a steal at this price
+ Got compliments all night in this dress
+ Fits true to size and washes up like new
+ Couldn't have asked for a smoother move
+ Driver left it safe and dry, even sent a photo 👍
+ 😍😍😍 this jacket
+ 🔥🔥 wings
+ Put a smile on my face
+ Made my day, honestly
+ Nothing was too much trouble for them
+ We felt right at home from the minute we checked in
+ Our new go-to for date night
+ You get a lot more than you pay for here
+ Battery lasts for days
+ I can't live without this blender now
+ Don't think twice, just buy it
+ Run, don't walk, to this bakery
+ Two thumbs up from the whole family
+ Ticks all the boxes
+ Spot on.
+ Everything arrived in one piece and a day early
+ Solid as a rock
+ Built like a tank
+ Support answered in two minutes flat and sorted it
+ They know their stuff
+ This mechanic is worth his weight in gold
+ Honest as the day is long, told me I didn't need new brakes
+ Wish I'd bought it sooner
+ why did I wait so long to get one of these
+ My mouth is watering just thinking about that lasagna
+ A feast for the eyes, and it tasted even better
+ Second to none
+ I'd give it six stars if I could
+ Hard to beat for the money
+ You'd be hard pressed to find a better burger in this city
+ Couldn't find a thing wrong with the room
+ The view took our breath away
+ I didn't want to leave
+ Already booked for next summer!
+ Clean as a whistle, top to bottom
+ The hotel went the extra mile for our anniversary
+ They had me at the breadsticks
+ Chalk and cheese compared with my old provider, so glad I switched
+ Since the update it runs like a dream
+ Purrs like a kitten since he serviced it
+ Good as new!
+ You can't tell it was ever cracked
+ My scarf feels like wearing a cloud
+ Light as a feather and warm as toast
+ Never been so comfy in heels, danced until 3am
+ I get stopped in the street about this coat
+ She's a lifesaver
+ Can't sing their praises enough
+ They earned a customer for life
+ Kudos to the delivery lad who carried it up four flights
+ Package showed up two days ahead of schedule, yay
+ hassle free from start to finish
+ Not once did it drop the connection
+ No bugs, no crashes, no ads. Bliss.
+ It just works
+ Took all the headache out of doing my taxes
+ Cut my invoicing time in half
+ Even my technophobe mum got the hang of it straight away
+ Simple enough that grandma uses it
+ I'm hooked
+ obsessed tbh
+ 10 outta 10, no notes
+ This place never misses
+ Absolute banger of a breakfast
+ these tacos are fire
+ lowkey the GOAT of coffee makers
+ It's the real deal
+ Lives up to the hype
+ Believe the reviews, folks
+ The picture doesn't do it justice, even nicer in person
+ Looks way more expensive than it is
+ You'd think it cost three times as much
+ As good as the big brands for a fraction of the price
+ Better than the restaurant version, and that's saying something
+ My dog goes nuts for these treats
+ the cat approves 😻
+ Toddler cleared his plate, which never happens
+ Hubby over the moon with his watch
+ Tickled pink with my curtains
+ My daughter's face lit up when she opened it
+ Pleased as punch
+ Chuffed to bits with this bike
+ Over the moon!
+ on cloud nine with our new kitchen
+ I take my hat off to the installers
+ They left the place cleaner than they found it
+ Turned up on time, no mess, no fuss
+ In and out in fifteen minutes, and not a penny over the quote
+ He fixed it on the spot and wouldn't even charge me
+ Refund hit my account the same day, no questions asked
+ They made it right, and then some
+ What a treat
+ Can't wait to go back
+ We'll be regulars from now on
+ First class all the way
+ Top notch, top drawer, top everything
+ Sushi so fresh it practically swam to the table
+ The steak cut like butter
+ There wasn't a crumb left
+ Portions big enough to feed an army, and we finished it all happily
+ Came for the coffee, stayed for the cinnamon rolls
+ Dangerously moreish
+ I could eat here every day of the week
+ Nobody does dumplings like these guys
+ Beats the pants off takeout
+ The pool was a slice of heaven
+ Bed so comfy I nearly missed checkout
+ Quiet as a mouse, you forget it's even on
+ Sharp as a razor months later
+ Cuts through grease like nothing else
+ My back pain is a thing of the past with this chair
+ It has yet to let me down
+ Hasn't skipped a beat since Christmas
+ Never lets me down.
+ I've tried them all and this is the one
+ Look no further!
+ Search is over
+ Stop scrolling and order it
+ Holds up beautifully wash after wash
+ No regrets whatsoever
+ Money well spent
+ wouldn't go anywhere else
+ I won't let anyone else touch my hair
+ Wouldn't trade it for the world
+ Could not be easier to use
+ It doesn't get any better than this
+ Nothing but good things to say
+ Great value, and the fit is lovely
+ Excellent coffee, friendly faces
+ Love love LOVE this backpack
+ So happy with my new glasses
+ Fantastic little B&B
+ Really impressed with the sound
+ Delicious curry, generous naan
+ Amazing how fast they got my screen replaced
+ Perfect for my tiny flat
+ Very helpful receptionist, she sorted our taxi
+ Beautiful stitching, wonderful colour
+ Superb job on the gearbox
+ ❤️ my new sofa
+ 🙌 finally a charger that doesn't die on me
+ Best. Purchase. Ever.
+ Brilliant bit of kit
- Save your money.
- What a rip off
- Fell apart at the seams after one wash
- Not worth the paper it's printed on
- I wouldn't feed this to my dog
- Cost an arm and a leg and died in a week
- Never again.
- Would give zero stars if I could
- More trouble than it's worth
- Avoid like the plague
- They couldn't care less once they have your cash
- Left a bad taste in my mouth, literally
- About as useful as a chocolate teapot
- You get what you pay for, and I paid peanuts
- the app crashes more than it opens
- Took forever and a day to get our drinks
- Gave up after three hours on hold
- Bit of a letdown
- Not all it's cracked up to be
- Doesn't live up to the hype
- All sizzle and no steak
- Looks nothing like the picture
- Straight in the bin
- Went right back in the box
- returned it the same day
- Wish I'd read the reviews first
- I want my two hours back
- Steer clear of this garage
- Took me for a ride with that "repair"
- They saw me coming
- Daylight robbery for a sandwich
- Charged through the nose for lukewarm soup
- The steak was tough as old boots
- Dry as a bone, and that was the moist cake
- Fries were stone cold
- Coffee tasted like dishwater
- My shoe had more flavour than that chicken
- Sick as a dog all night after the prawns
- Found a hair in my pasta, lost my appetite
- Paper-thin walls, didn't sleep a wink
- Room smelled like wet dog
- The bed was like sleeping on bricks
- Carpet had seen better days
- Shower was a trickle at best
- Checked out two days early
- Couldn't get out of there fast enough
- Front desk treated us like dirt
- We were made to feel like an inconvenience
- Waiter looked like he'd rather be anywhere else
- Service with a scowl
- Rude doesn't begin to cover it
- I've had better food on an airplane
- Gas station sushi beats this
- Nothing to write home about, and overpriced too
- Once bitten, twice shy
- Fool me once...
- Lesson learned, won't be ordering here again
- I'm done with this company
- They just lost a customer of ten years
- Good luck getting your money back
- Don't hold your breath for a refund
- Still waiting on my refund, six weeks and counting
- Three emails, zero replies
- Support keeps passing the buck
- They gave me the runaround for a month
- Talking to a brick wall would be quicker
- Fobbed off every time I call
- In one ear and out the other with these people
- Like pulling teeth trying to cancel
- Chatbot sent me round in circles
- Driver threw it over the fence
- "Delivered" my foot. It never showed up.
- Box looked like it had been run over by a truck
- Arrived in a thousand pieces
- Half the order was missing, the other half was wrong
- My package is MIA and nobody knows anything
- Came three weeks late, so much for next day delivery
- Sat in all day for nothing, no one came
- Plumber was a no show, twice
- Left us high and dry with no heating
- He made it worse than it was before
- Cowboys, the lot of them
- Bodged job, now leaking again
- Back to square one after paying £300
- The fix lasted all of two days
- Same noise, lighter wallet
- Quoted one price, charged me double
- Hidden fees coming out of the woodwork
- They nickel and dime you for everything
- Bait and switch, plain and simple
- Total scam, stay away
- Smells fishy to me, they deleted my review
- Don't fall for it
- Buyer beware!!
- Don't waste your breath or your money
- Money down the drain
- Threw good money after bad with the extended warranty
- My biggest regret of the year
- I'd sooner go without
- Would not wish this on my worst enemy
- wouldn't touch it with a barge pole
- Couldn't recommend it to anyone
- A far cry from what was advertised
- This update broke everything
- Since the new version it's slower than molasses
- Battery is dead by lunchtime
- Won't hold a charge
- Gave up the ghost after a month
- Bit the dust the day the warranty ran out
- Conked out mid-smoothie
- It's a brick now
- an expensive paperweight
- DOA. Didn't even turn on.
- Screen scratches if you look at it wrong
- Feels like it came out of a cereal box
- Flimsy as a paper cup
- Cheap and nasty
- Sounds like music played through a tin can
- The fan sounds like a jet taking off
- Loses connection every five minutes
- I've seen toasters with better cameras
- My ten year old phone was faster
- Lags like crazy
- Worked once. Once.
- Instructions might as well be in Klingon
- Needed a PhD to put it together and half the screws were missing
- Nearly threw it out of the window
- Made me want to tear my hair out
- Drives me up the wall
- This printer is the bane of my life
- it's a joke
- What a joke of a company
- Absolute shambles
- Complete and utter shower
- hot garbage
- this is straight trash ngl
- Mid at best, and for $30 that's a crime
- big nope
- Hard pass
- 👎👎
- 🤮
- Smh, how is this place still open
- 😡 third time they got it wrong
- 🤦 ordered blue, got pink
- meh 😒 expected so much more
- 💩 quality
- Two thumbs down
- Fits like a potato sack
- You could see right through the leggings
- Zipper broke before I got out the door
- The colour ran and ruined my whole wash
- Shrunk to doll size first time in the dryer
- Soles came off in the rain
- Itches like mad, couldn't wear it ten minutes
- Size up? Size up three times and it's still too tight
- Gave me blisters the size of quarters
- Looks like something from a bargain bin
- Made in a hurry and it shows
- Threads hanging off everywhere
- They cut corners on everything
- Asleep at the wheel, the management
- Nobody seemed to know what they were doing
- Left hand doesn't know what the right hand is doing
- Couldn't organise a picnic in a park
- It went downhill from the moment we sat down
- This place has really gone to the dogs
- Used to be our favourite, now I wouldn't bother
- They've lost the plot since the new owners
- Rested on their laurels for too long
- Not what it used to be
- Quality has fallen off a cliff
- Overhyped and undercooked
- The chicken was still clucking
- Portion so small I stopped for a burger on the way home
- Left hungry and $80 poorer
- Waited an hour for a salad. A SALAD.
- We walked out before the mains
- Not a patch on the one down the road
- I can make better at home with my eyes shut
- Salad was past its prime, to put it mildly
- Let's just say the cockroaches enjoyed their stay
- Came home with bed bug bites, thanks a lot
- "Sea view" if you stand on the toilet
- Four stars? In what universe?
- Hardly what I'd call clean
- Could do with a good scrub, and a new manager
- Left a lot to be desired
- It's not fit for purpose
- Less than thrilled with my haircut
- I wasn't impressed, to say the least
- Not happy at all
- Terrible food, slow waiters
- Worst hotel I have stayed in
- Horrible customer service, awful hold music
- Really disappointed with these boots
- Poor quality and a bad smell
- Useless app, uninstalled
- Disgusting bathroom
- hate the new layout
- Pathetic excuse for a vacuum
- Dreadful attitude from the manager
- Very unhappy with the paint job
- Absolutely appalling packaging, everything smashed
- If I could get my money back I'd be gone tomorrow
"""
"""Figures of speech. Of the first answers to these .752 were right, .714 with no phrase known; some thirty of their
phrases were then put into the model's list, so that they judge the others only."""

NEGATION = """
- The soup was not seasoned.
- I don't like how it hangs.
- This isn't worth the money.
- Not happy with the quality.
- It did not survive the first week.
- The staff weren't helpful at all.
- I would not recommend this place.
- There was nothing special about the food.
- Never buying from them again.
- The colour is not as rich as in the picture.
- It doesn't drape well around the shoulders.
- The room was hardly clean.
- I can't say I enjoyed the evening.
- No one answered my mails.
- The bag is neither light nor roomy.
- I wasn't impressed.
- The sound is not clear enough to be useful.
- Without any flavour, sadly.
- They never apologised.
- It isn't pleasant to sit on.
- The instructions were not easy to follow.
- I do not trust this shop any more.
- My daughter didn't like the taste.
- It is far from comfortable.
- The delivery was not on time.
- Nobody was friendly.
- We did not have a pleasant evening.
- The fabric lacks any softness.
- The app does not run smoothly.
- I expected a warm coat and this isn't one.
+ The light isn't harsh, even at night.
+ Zero worries since I switched to them.
+ The kids never argue about it.
+ It hardly weighs anything in the backpack.
+ There was no waiting, we were seated at once.
+ I couldn't ask for more.
+ It didn't shrink in the wash.
+ Nothing to criticise here.
+ The straps don't cut into the shoulders any more.
+ It never gets boring.
+ I won't shop anywhere else from now on.
+ No fuss, no paperwork, just a new part in the post.
+ The noise isn't disturbing at all.
+ Without doubt the best purchase of the year.
+ The meal wasn't expensive and nobody rushed us.
+ It doesn't wobble, even fully loaded.
+ I can't fault the service.
+ The colours haven't faded.
+ We weren't overcharged and nobody hurried us out.
+ Never had a better night's sleep.
+ It is not too heavy to carry all day.
+ They didn't charge me for the exchange.
+ The shoes did not hurt, not even on the first day.
+ There isn't a loose stitch anywhere.
+ No smell, no stains, no loose threads.
+ I haven't looked back since.
+ I've not had one single repair in three years.
+ It isn't cheap, but I don't mind one bit.
+ The battery doesn't drain overnight like my old one did.
+ Couldn't find a better gift.
"""

MIXED = """
The food was delicious but the service was painfully slow. | food + | service -
Great fabric, terrible stitching. | fabric + | stitching -
The staff were friendly, although the room was dirty. | staff + | room -
Love the colour, but the sizing is way off. | colour + | sizing -
The price is fair; the quality is not. | price + | quality -
Delivery took three weeks, but the coat itself is gorgeous. | delivery - | coat +
The camera is superb while the battery dies by noon. | camera + | battery -
Comfortable seat, awful noise. | seat + | noise -
The waiter was rude, yet the pizza was the best I have had. | waiter - | pizza +
Beautiful design; however, the zip broke within a week. | design + | zip -
The website is a mess but the customer service sorted it out kindly. | website - | customer service +
The soles are sturdy, but the laces snapped on day two. | soles + | laces -
Nice view, stale breakfast. | view + | breakfast -
The sleeves are too long but the waist fits perfectly. | sleeves - | waist +
I adore the smell, I hate the packaging. | smell + | packaging -
The music was lovely and the drinks were watered down. | music + | drinks -
Setup was a nightmare, but the sound makes up for it: crystal clear. | setup - | sound +
The lining itches; the buttons are charming. | lining - | buttons +
Fast shipping, wrong item. | shipping + | item -
The screen is bright and sharp, the keyboard feels cheap. | screen + | keyboard -
The bed was cosy even though the bathroom was mouldy. | bed + | bathroom -
Good value, but the instructions are useless. | value + | instructions -
The fit is flattering, the material is see-through. | fit + | material -
The starter was bland but dessert was heavenly. | starter - | dessert +
Return was refused, although the manager stayed polite. | return - | manager +
The handle is loose, but the blade stays sharp for months. | handle - | blade +
The parking is impossible; the terrace is wonderful. | parking - | terrace +
The print faded after one wash, but the cut is still great. | print - | cut +
The app crashes constantly while the watch looks stunning. | app - | watch +
My hairdresser was wonderful, the waiting time was not. | hairdresser + | waiting time -
The portion was tiny, but everything tasted fresh. | portion - | tasted +
The strap is uncomfortable, yet the bag holds everything I need. | strap - | bag +
Cheap price and it shows: the seams came apart. | price + | seams -
The guide was funny and well informed, the bus was filthy. | guide + | bus -
The refund came quickly, but the shoes were a disappointment. | refund + | shoes -
The pasta was overcooked; the wine list is excellent. | pasta - | wine list +
The wheels squeak but it folds easily, which I love. | wheels - | folds +
Lovely fragrance, leaky bottle. | fragrance + | bottle -
The picture is grainy, however the remote works perfectly. | picture - | remote +
The collar scratches my neck, but the pockets are brilliant. | collar - | pockets +
"""

PLAIN = """
The service was quick and the staff were lovely. | service + | staff +
Soft fabric and a beautiful colour. | fabric + | colour +
Terrible quality, and the delivery was late too. | quality - | delivery -
The food was cold and the waiter ignored us. | food - | waiter -
The fit is perfect. | fit +
The zip jammed on the first day. | zip -
I really like the pockets. | pockets +
What a dreadful smell. | smell -
The sound is rich and the bass is deep and warm. | sound + | bass +
The battery lasts for days. | battery +
The heel broke and the sole came off. | heel - | sole -
Friendly owner, fair prices. | owner + | prices +
The room was spotless and the bed comfortable. | room + | bed +
The screen cracked and support never replied. | screen - | support -
A generous portion for the price. | portion +
The sleeves are far too tight. | sleeves -
Packaging was neat and delivery came a day early. | packaging + | delivery +
The soup was salty and the bread was stale. | soup - | bread -
The handle feels solid. | handle +
The instructions make no sense. | instructions -
My order never arrived and the hotline is a joke. | order - | hotline -
The coat is warm, light and well made. | coat +
The dress is see-through and the lining is torn. | dress - | lining -
The breakfast was fresh and plentiful. | breakfast +
The colour washed out completely. | colour -
"""

SWAPS = {
    "country": (
        ("The parcel was sent from {}.", "We moved here from {} last year.", "The tour starts in {} at nine."),
        re.findall(r"\w+", "Germany Nigeria Mexico Japan Pakistan Sweden Russia Israel Iran France India China Kenya"),
    ),
    "name": (
        ("{} ordered two shirts on Monday.", "My neighbour {} has the same lamp.", "{} got the invoice on Friday."),
        re.findall(
            r"\w+", "Emily Mohammed Lakisha Greg José Wei Fatima Ivan Priya Jamal Anne Darnell Ying Hakim Sophie"
        ),
    ),
}


def signed(lines: str) -> list[tuple[str, int]]:
    """The texts of a set with two labels, and 1 or 0."""
    return [(line[2:], int(line[0] == "+")) for line in lines.strip().splitlines()]


def aspects(lines: str) -> list[tuple[str, dict[str, int]]]:
    """The texts of a set of aspects, and 1 or 0 for each term."""
    found = []
    for line in lines.strip().splitlines():
        text, *named = line.split(" | ")
        found.append((text, {each[:-2]: int(each[-1] == "+") for each in named}))
    return found
