//! EVE's factions by their names: the static data has no table of them, and they change once in years.

/// Every faction that a killmail can name.
pub const FACTIONS: [(i64, &str); 27] = [
    (500_001, "Caldari State"),
    (500_002, "Minmatar Republic"),
    (500_003, "Amarr Empire"),
    (500_004, "Gallente Federation"),
    (500_005, "Jove Empire"),
    (500_006, "CONCORD Assembly"),
    (500_007, "Ammatar Mandate"),
    (500_008, "Khanid Kingdom"),
    (500_009, "The Syndicate"),
    (500_010, "Guristas Pirates"),
    (500_011, "Angel Cartel"),
    (500_012, "Blood Raider Covenant"),
    (500_013, "The InterBus"),
    (500_014, "ORE"),
    (500_015, "Thukker Tribe"),
    (500_016, "Servant Sisters of EVE"),
    (500_017, "The Society of Conscious Thought"),
    (500_018, "Mordu's Legion Command"),
    (500_019, "Sansha's Nation"),
    (500_020, "Serpentis"),
    (500_021, "Unknown"),
    (500_024, "Drifters"),
    (500_025, "Rogue Drones"),
    (500_026, "Triglavian Collective"),
    (500_027, "EDENCOM"),
    (500_028, "Association for Interdisciplinary Research"),
    (500_029, "Deathless Circle"),
];

/// The name of a faction, where it is known.
pub fn faction_name(faction_id: i64) -> Option<&'static str> {
    FACTIONS.iter().find(|(id, _)| *id == faction_id).map(|(_, name)| *name)
}

/// The factions of exactly this name, upper and lower case alike.
pub fn factions_named(name: &str) -> impl Iterator<Item = (i64, &'static str)> {
    let folded = name.to_lowercase();
    FACTIONS.into_iter().filter(move |(_, other)| other.to_lowercase() == folded)
}
