"""Patterns of sentences, one a line, for `written.py`: of verbs, nouns and adjectives, negated and not."""

NO_FAULT = """
The {thing} does not {base}.
The {thing} doesn't {base} at all.
My {thing} didn't {base}, not once.
It doesn't {base}.
They don't {base}.
It hasn't {done} yet.
The {thing} hasn't {done}.
The {thing} has not {done} after months of use.
They haven't {done} a bit.
The {thing} wasn't {done}.
They weren't {done}.
This {thing} never {now}.
It has never {done}.
It never {past} on me.
They never {past} us.
The {thing} won't {base}.
It will not {base} even after many washes.
The {thing} has yet to {base}.
No {going} at all.
No {going}, no {going_too}.
Without any {going}.
It isn't {going}.
It can't {base}.
Not once did it {base}.
The {thing} hardly {now}.
I was afraid it would {base} but it did not.
Nothing {past}.
Nothing has {done} so far.
None of them {past}.
It doesn't {base} or {base_too}.
"""
FAULT = """
The {thing} {now}.
The {thing} {past} after a week.
It {past}.
My {thing} has {done} already.
It started to {base}.
It keeps {going}.
The {thing} is {going}.
Both of them {past}.
It will {base}.
It {now} all the time.
They {past} us.
The {thing} was {done}.
So much {going}.
It {now} and {now_too}.
"""
DOES = """
The {thing} {now} well.
It {now} as it should.
It still {now} after a year.
They {past} at once.
It {past} right away.
The {thing} really {now}.
"""
NOT_TO = """
The {thing} does not {word}.
The {thing} doesn't {word}.
My {thing} didn't {word}.
It doesn't {word}.
It won't {word}.
They don't {word}.
This {thing} will never {word}.
It would not {word}.
It can't {word}.
It couldn't {word}.
None of them {word}.
The {thing} has yet to {word}.
It didn't {word} at all.
We have not seen it {word}.
It never did {word}.
It hardly ever managed to {word}.
"""
TO = """
The {thing} started to {word}.
This {thing} will {word}.
They all {word}.
Both {word}.
It did {word}.
"""
NO_TROUBLE = """
No {many}.
No {many} at all.
No {one} with the {thing}.
Not a single {one}.
Not one {one}.
Never a {one}.
I had no {many} with it.
We didn't have any {many}.
Without any {many}.
Zero {many}.
There was no {one} with the {thing}.
There were no {many} whatsoever.
There wasn't any {one}.
I never had a {one} with it.
I've never had any {many} with this {thing}.
No {many}, no {many_too}.
Hardly any {many}.
I haven't noticed any {many}.
I can't find a {one}.
It came without a {one}.
Not the slightest {one}.
The {thing} has no {many}.
I have not had a single {one}.
The {thing} is free of {many}.
I have yet to find a {one}.
Nobody had a {one}.
"""
TROUBLE = """
There was a {one} with the {thing}.
Another {one}.
Nothing but {many}.
Many {many}.
I had {many} with it.
The {thing} has a {one}.
I noticed a {one} on the first day.
So many {many}.
Full of {many}.
We had a {one} with the {thing}.
"""
NOT_SO = """
The {thing} is not {word}.
The {thing} wasn't {word} at all.
My {thing} isn't {word}.
It was never {word}.
Not {word} at all.
It is not too {word}.
It doesn't feel {word}.
It doesn't look {word}.
Nothing about it is {word}.
The {thing} is neither {word} nor {word_too}.
The {thing} is far from {word}.
The {thing} is anything but {word}.
They aren't {word}.
They weren't {word}.
I don't find it {word}.
I wouldn't call it {word}.
I don't think it is {word}.
Hardly {word}.
"""
SO = """
The {thing} is {word}.
My {thing} was {word}.
It is {word}.
They are {word}.
So {word}.
It feels {word}.
It looks {word}.
I find it {word}.
Very {word} and {word_too}.
I think it is {word}.
"""
IF = """
It would be {word} if it worked.
It would have been {word} if it had arrived in one piece.
Would be {word} if the {thing} actually did something.
I wish the {thing} were {word}.
The {thing} should have been {word}.
The {thing} is supposed to be {word}.
It could be more {word}.
It was said to be {word} but it is not.
"""
NOT_FELT = """
I am not {word} the {thing}.
Not {word} this {thing}.
We weren't {word} it.
I'm not {word} it.
I wasn't {word} it at all.
I can't say I am {word} the {thing}.
I was never {word} it.
Nobody was {word} the {thing}.
None of us were {word} it.
I have not been {word} them.
I don't feel {word} it.
We were hardly {word} it.
"""
FELT = """
I am {word} the {thing}.
So {word} this {thing}.
We were {word} it.
I was really {word} it.
Everybody was {word} the {thing}.
I have been {word} them.
"""
PEAK = """
It could not be {word}.
It couldn't be {word}.
Couldn't be {word} with the {thing}.
It could not have been {word}.
I have never been {word}.
The {thing} couldn't have been {word}.
I could not feel {word} about it.
Never had a {word} {thing}.
I can't imagine a {word} {thing}.
"""
COULD = """
It could be {word}.
The {thing} could be {word}.
It could have been {word}.
I wish it were {word}.
It should be {word}.
The {thing} might have been {word}.
"""
