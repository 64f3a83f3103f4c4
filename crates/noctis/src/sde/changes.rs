//! What another build of the static data adds, removes and renames.

use noctis_core::catalogue::{Catalogue, Row, Table};
use serde::Serialize;

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    pub id: i64,
    pub name: String,
}

/// Something with another name than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Renamed {
    pub id: i64,
    pub from: String,
    pub to: String,
}

/// What changed in one table, each list in id order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    pub added: Vec<Named>,
    pub removed: Vec<Named>,
    pub renamed: Vec<Renamed>,
}

impl Changes {
    fn between<T: Row>(before: &Table<T>, after: &Table<T>) -> Self {
        let named = |row: &T| Named { id: row.id(), name: row.name().to_owned() };
        let mut changes = Self::default();
        for row in after {
            match before.name(row.id()) {
                None => changes.added.push(named(row)),
                Some(name) if name != row.name() => changes.renamed.push(Renamed {
                    id: row.id(),
                    from: name.to_owned(),
                    to: row.name().to_owned(),
                }),
                Some(_) => {}
            }
        }
        let gone = before.iter().filter(|row| after.get(row.id()).is_none());
        changes.removed = gone.map(named).collect();
        changes
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.renamed.is_empty()
    }
}

/// What changed of what killmails are told by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AllChanges {
    pub types: Changes,
    pub groups: Changes,
    pub systems: Changes,
    pub regions: Changes,
}

impl AllChanges {
    #[must_use]
    pub fn between(before: &Catalogue, after: &Catalogue) -> Self {
        Self {
            types: Changes::between(&before.types, &after.types),
            groups: Changes::between(&before.groups, &after.groups),
            systems: Changes::between(&before.systems, &after.systems),
            regions: Changes::between(&before.regions, &after.regions),
        }
    }
}

#[cfg(test)]
mod tests {
    use noctis_core::catalogue::Region;

    use super::*;

    #[test]
    fn what_is_new_gone_or_called_otherwise_is_told() {
        let table = |rows: &[(i64, &str)]| {
            let rows =
                rows.iter().map(|&(region_id, name)| Region { region_id, name: name.into() });
            Table::new(rows.collect()).unwrap()
        };
        let before = table(&[(1, "Derelik"), (2, "The Forge"), (3, "Gone")]);
        let after = table(&[(1, "Derelik"), (2, "The Anvil"), (4, "New")]);
        let changes = Changes::between(&before, &after);
        let named = |id, name: &str| vec![Named { id, name: name.to_owned() }];
        assert_eq!((&changes.added, &changes.removed), (&named(4, "New"), &named(3, "Gone")));
        let renamed = Renamed { id: 2, from: "The Forge".into(), to: "The Anvil".into() };
        assert_eq!(changes.renamed, [renamed]);
        assert!(!changes.is_empty());
        assert!(Changes::between(&before, &before).is_empty());
    }
}
