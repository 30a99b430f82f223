"""The words that the seeded site is made of."""

CATEGORIES = [
    ("dry-goods", "Dry goods", "Grain, flour, pulses and whatever else keeps on a shelf."),
    ("preserving", "Preserving", "Salt, sugar, vinegar, smoke and time."),
    ("cold-storage", "Cold storage", "Fridges, freezers, cellars and north-facing walls."),
    ("roots-and-bulbs", "Roots and bulbs", "What grew underground and would like to stay in the dark."),
    ("dairy", "Dairy", "Milk and what it turns into, on purpose or not."),
    ("waste-less", "Waste less", "The second life of leftovers."),
]

TAGS = [
    "autumn", "beginners", "bread", "cellar", "fermenting", "freezer", "glass jars", "labels", "no plastic",
    "organising", "pests", "quick", "salt", "shelf life", "small kitchen", "spring", "sugar", "summer", "vinegar",
    "winter",
]

# Each food and the category of its posts; neighbours are of different kinds.
FOODS = {
    "apples": "preserving", "barley": "dry-goods", "beetroot": "roots-and-bulbs", "butter": "dairy",
    "cabbage": "cold-storage", "bread": "waste-less", "tomatoes": "preserving", "rice": "dry-goods",
    "carrots": "roots-and-bulbs", "cheese": "dairy", "mushrooms": "cold-storage", "roast chicken": "waste-less",
    "pears": "preserving", "chickpeas": "dry-goods", "garlic": "roots-and-bulbs", "yoghurt": "dairy",
    "herbs": "cold-storage", "cooked pasta": "waste-less", "plums": "preserving", "lentils": "dry-goods",
    "onions": "roots-and-bulbs", "cream": "dairy", "leeks": "cold-storage", "egg whites": "waste-less",
    "gherkins": "preserving", "oats": "dry-goods", "potatoes": "roots-and-bulbs", "buttermilk": "dairy",
    "salad": "cold-storage", "vegetable peel": "waste-less",
}

TITLES = [
    "How long will {food} really keep?",
    "The best place for {food}",
    "Freezing {food}, step by step",
    "What a grandmother knew about {food}",
    "Five mistakes with {food}",
    "{Food} through the winter",
    "A jar, a label and some {food}",
    "{Food}: gone off, or only getting on?",
    "Buying {food} for three months",
    "{Food}, seven ways",
]

INTROS = [
    "A short answer, a long answer, and a table to pin to the inside of the cupboard door.",
    "We tried it for a year so that you need not. Here is what was left at the end.",
    "Most advice on this is about shops, not kitchens. This is about kitchens.",
    "It is mostly a matter of air, light and patience, and two of these are free.",
    "The old method works. The new one works too, and smells less.",
    "Nothing here needs a gadget. A thermometer helps.",
]

HEADINGS = [
    "What happens on the shelf", "Air is the enemy", "Light is not a friend either", "The right container",
    "Temperature, and why it wobbles", "How to tell by smell", "What to write on the label", "First in, first out",
    "If it goes wrong", "A word on moths",
]

QUOTES = [
    "A pantry is a promise that you make to yourself in October.",
    "Write the date on it. You will not remember.",
    "Whatever stands in front gets eaten. So put the old one in front.",
    "Nobody ever regretted a second jar.",
]

SENTENCES = [
    "Start with what you have, and clean it well.",
    "A dry jar is worth more than an expensive one.",
    "Two degrees make more difference than two weeks.",
    "Fill it to the top, because what spoils food is the air above it.",
    "Taste a little of it every month and write down what you notice.",
    "The cupboard next to the oven is the worst place in the house, and everybody uses it.",
    "Paper breathes, plastic sweats, and glass tells you the truth.",
    "If you can smell it through the lid, so can the moths.",
    "Large pieces keep longer than small ones, and whole ones longest of all.",
    "Let it cool completely before you close it.",
    "We keep ours on the lowest shelf of an unheated hallway.",
    "By February it will have lost some colour, which matters less than one thinks.",
    "A cellar at eight degrees is a luxury; a balcony with a wooden box does nearly as well.",
    "The date on the packet is about the packet.",
    "Turn the jars upside down once, then leave them alone.",
    "Do not wash it before you store it: soil is a better wrapping than a wet skin.",
]

# Wall, shelf, jar and content of each still life.
PICTURES = [
    ("Jars on an oak shelf", ("#efe3cf", "#7a4a21", "#f7f1e4", "#c8642b")),
    ("Preserves in the morning", ("#dfe8e4", "#5b4636", "#f4f7f2", "#9c2f3f")),
    ("Pickles in a row", ("#f2ecd8", "#4b3a2a", "#eef3e2", "#6f8f3a")),
    ("Honey by the window", ("#f6e7c1", "#6b4a2b", "#fff6dc", "#d99a1c")),
    ("A cold larder", ("#d6dee6", "#3f4a54", "#eef2f6", "#5c7a94")),
    ("Plums, bottled", ("#e9dfe6", "#4a3540", "#f6eff3", "#5b2a50")),
    ("Pulses and grain", ("#ece4d6", "#80613f", "#f9f4ea", "#b08a52")),
    ("The tomato shelf", ("#f3e1d7", "#5a3324", "#fbf1ec", "#c03a22")),
]


def post_titles(count):
    """(slug, title, category's slug) of the first `count` posts, the newest first."""
    foods = list(FOODS)
    posts = []
    for number in range(count):
        food = foods[number % len(foods)]
        title = TITLES[(number // len(foods) + number) % len(TITLES)].format(food=food, Food=food.capitalize())
        slug = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
        posts.append((slug, title, FOODS[food]))
    return posts

FORUM_CATEGORIES = [
    ("jars", "Jars and lids", "What seals, what leaks, and where to find it."),
    ("cellars", "Cellars and cupboards", "Damp, light, mice: places and their troubles."),
    ("ferments", "Ferments", "Is it supposed to look like that?"),
    ("freezing", "Freezing", "Bags, boxes, and what is at the bottom of yours."),
    ("leftovers", "Leftovers", "Yesterday's dinner and what became of it."),
    ("larder-talk", "Larder talk", "Everything else."),
]

FORUM_TITLES = [
    "{Food}: how long do yours keep?",
    "Help, my {food} went soft",
    "What do you do with too many {food}?",
    "{Food} in a flat without a cellar",
    "A question about {food} and light",
    "My grandfather's way with {food}",
    "Is this mould? ({food})",
    "Best container for {food}",
    "{Food}: a report after one winter",
    "Who else stores {food} in sand?",
]

FORUM_REPLIES = [
    "The same here, every year.", "I would not.", "That worked for me, twice.", "Have you tried it without the lid?",
    "Which temperature do you have there?", "A picture would help.", "Good point, thank you.",
    "My neighbour swears by newspaper.", "It depends on the variety.", "I do the opposite and it keeps.",
]

# The texts of plain pages. {labels} and {rota} are documents; {club}, {staff} and {contact} pages.
ABOUT = """<p>Three people, one cellar and a great many jars. We write about what we have tried ourselves.</p>
<h3>To take home</h3>
<p><a linktype="document" id="{labels}">Labels to print</a> for whoever stores things, and the
<a linktype="document" id="{rota}">kitchen rota</a> for those who work here.</p>
<h3>Behind doors</h3>
<p>Members of the <a linktype="page" id="{club}">recipes club</a> know the password. The
<a linktype="page" id="{staff}">staff room</a> is for who is logged in.</p>
<h3>Old addresses</h3>
<p>This page was moved once: <a href="/old-home/">the old front page</a> and <a href="/old-blog/">the old blog</a> still
lead here. Anything else? <a linktype="page" id="{contact}">Write to us.</a></p>"""
ABOUT_GERMAN = "<p>Drei Leute, ein Keller und sehr viele Gläser. Wir schreiben, was wir selbst versucht haben.</p>"
THANKS = "<p>We read everything and answer most of it, though not in July.</p>"
CLUB = "<p>The secret of the recipes club: quince paste wants three days and one bay leaf.</p>"
STAFF_ROOM = "<p>The secret of the staff room: the spare key hangs behind the vinegar.</p>"
LABELS = "What is in it: ____________\nMade on:       ____________\nEaten by:      ____________\n"
ROTA = "The secret of the rota: Tobias cleans the crocks, whatever he says.\n"

FOOTERS = {
    "en": "<p>How to keep food, and how to keep it well.</p>",
    "de": "<p>Wie man Vorräte hält, und zwar gut.</p>",
}
ANNOUNCEMENT = "Open kitchen: every first Saturday of the month."

GERMAN_HOME = {
    "title": "Startseite",
    "heading": "Kühl, trocken, beschriftet.",
    "intro": "<p>Notizen aus einer Speisekammer: was hält, was nicht, und woran man es merkt.</p>",
    "search_description": "Notizen aus einer Speisekammer.",
}
GERMAN_BLOG = {"title": "Blog", "intro": "<p>Was wir bisher übersetzt haben.</p>"}
GERMAN_INTRO = "Eine kurze Antwort, eine lange, und eine Tabelle für die Innenseite der Schranktür."
GERMAN_BODY = [
    ("paragraph", "<p>Fang mit dem an, was da ist, und mach es gut sauber. Ein trockenes Glas ist mehr wert als ein "
                  "teures.</p>"),
    ("heading", "Das richtige Gefäß"),
    ("paragraph", "<p>Papier atmet, Plastik schwitzt, und Glas sagt die Wahrheit.</p>"),
    ("quote", "Schreib das Datum darauf. Du wirst es vergessen."),
]
# English slug and German title.
GERMAN_POSTS = [
    ("how-long-will-apples-really-keep", "Wie lange halten Äpfel wirklich?"),
    ("the-best-place-for-barley", "Der beste Platz für Gerste"),
    ("freezing-beetroot-step-by-step", "Rote Bete einfrieren, Schritt für Schritt"),
    ("what-a-grandmother-knew-about-butter", "Was eine Großmutter über Butter wusste"),
]

SCHEDULED = {
    "title": "A year of jars",
    "slug": "a-year-of-jars",
    "intro": "Twelve months, one shelf, and what was left of it.",
}
