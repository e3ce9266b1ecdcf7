"""Sentences in twenty languages: subject, verb, object and time, combined by a seeded draw."""
# ruff: noqa: RUF001 - Greek and Cyrillic letters are meant here, not their Latin look-alikes

from __future__ import annotations

import numpy as np

# language: (subjects, verbs, objects, times), alternatives separated by |
WORDS: dict[str, tuple[str, str, str, str]] = {
    "en-us": (
        "the old sailor|my younger sister|every good teacher|that strange bird|our neighbour",
        "watches|forgets|carefully paints|has found|never touches",
        "the silver bridge|a box of oranges|five heavy chairs|the quiet village|his violin",
        "before breakfast|in the pouring rain|with great joy|at half past six|once again",
    ),
    "en-gb": (
        "a thoughtful judge|the whole choir|this shy visitor|George|the fishing boat",
        "chooses|would measure|suddenly follows|shakes|brings home",
        "the purple vase|fresh bread and cheese|an unusual story|both keys|the theatre",
        "on Thursday|without a sound|during the storm|for the third time|at school",
    ),
    "de": (
        "der alte Mann|die kleine Katze|unser Nachbar|das fröhliche Mädchen|ein junger Arzt",
        "sucht|verkauft|zeichnet|hört|öffnet langsam",
        "ein rotes Fahrrad|zwölf frische Brötchen|die schwere Tür|den Schlüssel|schöne Musik",
        "am frühen Morgen|ohne Licht|im Schatten|nach der Schule|ganz plötzlich",
    ),
    "fr-fr": (
        "le vieux pêcheur|ma petite sœur|un grand oiseau|la jeune femme|notre voisin",
        "regarde|achète|oublie toujours|dessine|cherche",
        "une maison blanche|du pain et du beurre|les feuilles mortes|un cheval brun|la lune",
        "ce matin|sous la pluie|avec beaucoup de joie|à sept heures|sans un bruit",
    ),
    "es": (
        "el viejo marinero|mi hermana pequeña|la profesora|un perro negro|el jardinero",
        "busca|compra|nunca olvida|escucha|dibuja",
        "una guitarra azul|cinco naranjas|la puerta grande|el río tranquilo|zapatos nuevos",
        "por la mañana|bajo la lluvia|con alegría|a las ocho|otra vez",
    ),
    "it": (
        "il vecchio pescatore|mia sorella|la maestra|un gatto grigio|il giovane medico",
        "guarda|compra|cerca|non dimentica|ascolta",
        "una chiave d'oro|il pane fresco|la strada lunga|sette bottiglie|gli alberi alti",
        "ogni mattina|sotto la pioggia|con molta gioia|alle nove|senza rumore",
    ),
    "pt": (
        "o velho marinheiro|a minha irmã|um pássaro azul|a professora|o nosso vizinho",
        "procura|compra|esquece|escuta|desenha",
        "uma casa branca|o pão quente|três cadeiras|a lua cheia|os sapatos novos",
        "de manhã cedo|debaixo da chuva|com alegria|às dez horas|outra vez",
    ),
    "sv": (
        "den gamla sjömannen|min lilla syster|en svart hund|vår granne|läraren",
        "söker|köper|glömmer aldrig|lyssnar på|målar",
        "ett rött hus|färskt bröd|sju tunga stolar|den lugna sjön|en vacker sång",
        "tidigt på morgonen|i regnet|med stor glädje|klockan åtta|igen",
    ),
    "nl": (
        "de oude visser|mijn kleine zus|een grijze kat|onze buurman|de juf",
        "zoekt|koopt|vergeet|schildert|hoort",
        "een rode fiets|vers brood met kaas|acht zware stoelen|de stille gracht|mooie muziek",
        "in de vroege ochtend|zonder geluid|bij het raam|om negen uur|nog een keer",
    ),
    "pl": (
        "stary rybak|moja młodsza siostra|czarny pies|nasz sąsiad|dobra nauczycielka",
        "szuka|kupuje|zawsze widzi|maluje|przynosi",
        "czerwony dom|świeży chleb|siedem krzeseł|klucz do drzwi|piękną piosenkę",
        "wcześnie rano|w deszczu|z wielką radością|o ósmej|jeszcze raz",
    ),
    "ru": (
        "старый рыбак|моя сестра|чёрная кошка|наш сосед|молодой учитель",
        "ищет|покупает|всегда слышит|рисует|приносит",
        "красный дом|свежий хлеб|семь стульев|ключ от двери|хорошую песню",
        "рано утром|под дождём|с большой радостью|в восемь часов|ещё раз",
    ),
    "cs": (
        "starý rybář|moje mladší sestra|černý pes|náš soused|dobrá učitelka",
        "hledá|kupuje|nikdy nezapomene|maluje|přináší",
        "červený dům|čerstvý chléb|sedm těžkých židlí|klíč ode dveří|krásnou píseň",
        "brzy ráno|v dešti|s velkou radostí|v osm hodin|ještě jednou",
    ),
    "el": (
        "ο γέρος ψαράς|η μικρή αδελφή μου|ένας μαύρος σκύλος|ο γείτονας|η δασκάλα",
        "ψάχνει|αγοράζει|ποτέ δεν ξεχνά|ζωγραφίζει|ακούει",
        "ένα κόκκινο σπίτι|φρέσκο ψωμί|επτά καρέκλες|το κλειδί|ένα ωραίο τραγούδι",
        "νωρίς το πρωί|μέσα στη βροχή|με μεγάλη χαρά|στις οκτώ|άλλη μια φορά",
    ),
    "tr": (
        "yaşlı balıkçı|küçük kız kardeşim|siyah köpek|komşumuz|öğretmen",
        "sessizce|her zaman|yavaşça|birden|hiç durmadan",
        "kırmızı evi arıyor|taze ekmek alıyor|güzel bir şarkı söylüyor|kapıyı açıyor|"
        "denize bakıyor",
        "sabah erken|yağmurda|büyük bir sevinçle|saat sekizde|bir kez daha",
    ),
    "fi": (
        "vanha kalastaja|pikkusiskoni|musta koira|naapurimme|hyvä opettaja",
        "etsii|ostaa|ei koskaan unohda|maalaa|kuuntelee",
        "punaista taloa|tuoretta leipää|seitsemän tuolia|hiljaista järveä|kaunista laulua",
        "aikaisin aamulla|sateessa|suurella ilolla|kello kahdeksan|vielä kerran",
    ),
    "hu": (
        "az öreg halász|a kishúgom|egy fekete kutya|a szomszédunk|a jó tanár",
        "keresi|megveszi|sohasem felejti el|lefesti|hallgatja",
        "a piros házat|a friss kenyeret|a hét nehéz széket|a kulcsot|a szép éneket",
        "kora reggel|az esőben|nagy örömmel|nyolc órakor|még egyszer",
    ),
    "cmn": (
        "老渔夫|我的妹妹|一只黑猫|我们的邻居|年轻的老师",
        "在找|想买|常常看|喜欢画|慢慢打开",
        "红色的房子|新鲜的面包|七把椅子|大门|很美的音乐",
        "今天早上|下雨的时候|非常高兴|八点钟|再来一次",
    ),
    "hi": (
        "बूढ़ा मछुआरा|मेरी छोटी बहन|काला कुत्ता|हमारा पड़ोसी|अच्छी अध्यापिका",
        "धीरे से|हमेशा|अचानक|कभी कभी|चुपचाप",
        "लाल घर देखता है|ताज़ी रोटी लाता है|सुंदर गीत सुनता है|दरवाज़ा खोलता है|पानी पीता है",
        "सुबह सवेरे|बारिश में|बड़ी खुशी से|आठ बजे|एक बार फिर",
    ),
    "ja": (
        "おじいさんは|いもうとは|くろいねこが|となりのひとは|せんせいは",
        "しずかに|いつも|ゆっくり|きゅうに|たのしく",
        "あかいいえをさがします|パンをかいます|うたをうたいます|とびらをあけます|うみをみます",
        "あさはやく|あめのなかで|はちじに|もういちど|まどのそばで",
    ),
    "vi": (
        "ông lão đánh cá|em gái tôi|con mèo đen|người hàng xóm|cô giáo trẻ",
        "tìm|mua|luôn nhớ|vẽ|lắng nghe",
        "ngôi nhà đỏ|bánh mì tươi|bảy cái ghế|chiếc chìa khóa|bài hát hay",
        "sáng sớm|trong cơn mưa|rất vui vẻ|lúc tám giờ|một lần nữa",
    ),
}
LANGUAGES = tuple(WORDS)

_ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "st", "tr", "pl")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "au")


def nonsense(generator: np.random.Generator) -> str:
    """Two to four invented syllables, readable in any language with Latin letters."""
    count = int(generator.integers(2, 5))
    return "".join(
        str(generator.choice(_ONSETS)) + str(generator.choice(_VOWELS)) for _ in range(count)
    )


def sentence(generator: np.random.Generator, language: str) -> str:
    """One sentence of `language`; some are numbers or nonsense words, to reach other sounds."""
    draw = generator.random()
    ending = str(generator.choice([".", ".", "!", "?"]))
    if draw < 0.12:
        return " ".join(str(generator.integers(0, 3000)) for _ in range(4)) + ending
    if draw < 0.25:
        return " ".join(nonsense(generator) for _ in range(5)) + ending
    words = [str(generator.choice(column.split("|"))) for column in WORDS[language]]
    if generator.random() < 0.3:
        words = [words[3] + ",", *words[:3]]
    return " ".join(words) + ending
