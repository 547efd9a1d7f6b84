"""What a picture says of a feeling, in words that the model has met. Any other is read by its name in Unicode."""

_SAYS = {
    "love": "😍🥰😘❤♥💕💖💗💓💞💘💝💟🧡💛💚💙💜🖤🤍🤎😻💑💏🫶🩷🩵",
    "happy": "😀😃😄😁😆😊🙂☺😺😸😇🤗🥹😌",
    "very funny": "😂🤣😹",
    "great": "👍👌✅✔💯🆗🙌👏💪🤙",
    "excellent": "🌟⭐★✭✨🏆🥇🎉🎊🥳🤩🔥😎👑🏅🚀",
    "delicious": "😋🤤",
    "thank you": "🙏🤝💐🌹",
    "bad": "👎❌🚫🆘⛔",
    "really": "😭",  # of joy as often as of grief: Kralj Novak et al., Sentiment of Emojis, PLoS ONE 10 (2015)
    "sad": "😢😞😔😟🙁☹😿🥺😥😓😪🥲",
    "heartbroken": "💔",
    "angry": "😠😡🤬👿😾💢🖕😤",
    "disgusting": "🤢🤮🤧💩🪳",
    "disappointed": "😒🙄😑😣😖😫😩😕🤦🫤😬🥱😴🫠",
    "worried": "😰😨😱😧😦😳😵🤯😲",
    "awful": "☠💀👺👹🗑",
    "unsure": "🤔🤨😶😐🤷",
}
FEELINGS = {picture: words for words, pictures in _SAYS.items() for picture in pictures if picture > "\u2000"}
"""The words for a picture of one character. What joins or colours pictures is left out by `plain`."""

_FACES = {
    "happy": ":) :-) =) (: :] ;) ;-) :D :-D =D xD XD :P :-P ;D ^_^ ^^ \\o/ :')",
    "love": "<3 <33 <333 :* :-*",
    "sad": ":( :-( =( ): :[ :'( ;( D: :'-( T_T ;_;",
    "angry": ">:( >:-( D:<",
    "disappointed": ":/ :-/ =/ :\\ :-\\ :| :-| -_-",
    "heartbroken": "</3",
}
EMOTICONS = {face: words for words, faces in _FACES.items() for face in faces.split()}
