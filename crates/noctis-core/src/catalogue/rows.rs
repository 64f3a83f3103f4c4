//! What a [`Table`](super::Table) needs to know of each kind of row: its id and its name.

use super::{
    Category, Constellation, Faction, Group, MarketGroup, MetaGroup, NpcCorporation, Region, Row,
    System, Type,
};

impl Row for Type {
    fn id(&self) -> i64 {
        self.type_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Row for Group {
    fn id(&self) -> i64 {
        self.group_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Row for Category {
    fn id(&self) -> i64 {
        self.category_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Row for MetaGroup {
    fn id(&self) -> i64 {
        self.meta_group_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Row for MarketGroup {
    fn id(&self) -> i64 {
        self.market_group_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Row for System {
    fn id(&self) -> i64 {
        self.system_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Row for Constellation {
    fn id(&self) -> i64 {
        self.constellation_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Row for Region {
    fn id(&self) -> i64 {
        self.region_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Row for Faction {
    fn id(&self) -> i64 {
        self.faction_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Row for NpcCorporation {
    fn id(&self) -> i64 {
        self.corporation_id
    }

    fn name(&self) -> &str {
        &self.name
    }
}
