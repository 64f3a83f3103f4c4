//! Every label we compute, with its meaning, for people and for `GET /labels`.

/// A label and what it says. `cat:N` stands for one label a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    pub label: &'static str,
    pub meaning: &'static str,
}

const fn row(label: &'static str, meaning: &'static str) -> Label {
    Label { label, meaning }
}

/// In the order of the documentation. Those a feed brings besides (`ganked`, `padding`, `fw:…`) are not listed.
pub const LABELS: [Label; 45] = [
    row("npc", "No player and nothing of a player corporation among the attackers"),
    row("pvp", "Not npc, and no feed calls it padding"),
    row(
        "solo",
        "One player attacker, a ship lost that can fight, no structure among the attackers",
    ),
    row("awox", "The final blow came from the victim's own corporation"),
    row("#:1", "One attacker, and not solo"),
    row("#:2+", "2 to 4 attackers, and not solo"),
    row("#:5+", "5 to 9 attackers, and not solo"),
    row("#:10+", "10 to 24 attackers, and not solo"),
    row("#:25+", "25 to 49 attackers, and not solo"),
    row("#:50+", "50 to 99 attackers, and not solo"),
    row("#:100+", "100 to 999 attackers, and not solo"),
    row("#:1000+", "1,000 attackers and more, and not solo"),
    row("isk:1b+", "Worth 1 to below 5 billion ISK"),
    row("isk:5b+", "Worth 5 to below 10 billion ISK"),
    row("isk:10b+", "Worth 10 to below 100 billion ISK"),
    row("isk:100b+", "Worth 100 billion to below 1 trillion ISK"),
    row("isk:1t+", "Worth 1 trillion ISK and more"),
    row("loc:highsec", "True security of 0.45 and more"),
    row("loc:lowsec", "True security from 0.05 to below 0.45"),
    row("loc:nullsec", "Known space with a true security below 0.05, Pochven and Zarzakh included"),
    row("loc:w-space", "Wormhole space"),
    row("loc:drifter", "The wormhole systems of the Drifters, which are w-space too"),
    row("loc:abyssal", "Abyssal Deadspace"),
    row("wh:c1", "A wormhole system of class 1"),
    row("wh:c2", "A wormhole system of class 2"),
    row("wh:c3", "A wormhole system of class 3"),
    row("wh:c4", "A wormhole system of class 4"),
    row("wh:c5", "A wormhole system of class 5"),
    row("wh:c6", "A wormhole system of class 6"),
    row("wh:c13", "A shattered wormhole system of class 13, for small ships"),
    row("wh:thera", "Thera"),
    row("tz:au", "From 08:00 to 14:00 EVE time"),
    row("tz:ru", "From 14:00 to 17:00 EVE time"),
    row("tz:eu", "From 17:00 to 22:00 EVE time"),
    row("tz:use", "From 22:00 to 04:00 EVE time"),
    row("tz:usw", "From 04:00 to 08:00 EVE time"),
    row(
        "cat:N",
        "The victim's ship is of category N: 6 ship, 22 deployable, 23 starbase, 65 structure",
    ),
    row("capital", "The market lists the victim's ship under Capital Ships, freighters included"),
    row("capital-victim", "A capital ship was lost, freighters not included"),
    row(
        "structure",
        "A starbase, sovereignty structure, customs office, skyhook or Upwell structure was lost",
    ),
    row("capital-attackers", "A capital ship took part"),
    row("super-attackers", "A titan or supercarrier took part"),
    row("logi-attackers", "A logistics ship or force auxiliary took part"),
    row("bubbler-attackers", "An interdictor or heavy interdiction cruiser took part"),
    row("blops-attackers", "A Black Ops battleship took part"),
];
