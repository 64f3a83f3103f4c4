//! EVE's factions by their names: those of imported static data, else those written here, which change once in years.

use super::Catalogue;

/// Every faction that a killmail can name; the embedded static data has no table of them.
const FACTIONS: [(i64, &str); 27] = [
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

impl Catalogue {
    /// The name of a faction, where it is known.
    pub fn faction_name(&self, faction_id: i64) -> Option<&str> {
        let written = || FACTIONS.iter().find(|(id, _)| *id == faction_id).map(|(_, name)| *name);
        self.factions.name(faction_id).or_else(written)
    }

    /// The factions of exactly this name, upper and lower case alike, with the name as it is spelled.
    pub fn factions_named(&self, name: &str) -> Vec<(i64, String)> {
        let imported: Vec<(i64, String)> =
            self.factions.named(name).map(|row| (row.faction_id, row.name.to_string())).collect();
        if !imported.is_empty() {
            return imported;
        }
        let folded = name.to_lowercase();
        let written = FACTIONS.iter().filter(|(_, other)| other.to_lowercase() == folded);
        written.map(|(id, name)| (*id, (*name).to_owned())).collect()
    }
}
