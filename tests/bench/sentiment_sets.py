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
