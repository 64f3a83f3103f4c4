//! Tables built beside the group to become the leaves of a range: made, filled, indexed, then attached without a scan.

use noctis_core::partition::{Leaf, Member, Step};
use noctis_core::time::TimeRange;
use tokio_postgres::{GenericClient, Transaction};

use super::ddl::moving;
use super::inspect::attached;
use super::retire::{exists, still_there};
use crate::{Error, Result};

/// One table for each member of the group, for the same range.
pub(crate) struct Beside {
    range: TimeRange,
    tables: Vec<(Member, Names)>,
}

/// What a table is called until it is attached, and from then on.
struct Names {
    built: String,
    leaf: String,
}

impl Beside {
    /// Tables whose leaves will have this suffix; `built` gives the name until then from the leaf's.
    pub(crate) fn new(range: TimeRange, suffix: &str, built: impl Fn(&str) -> String) -> Beside {
        let names = |member| {
            let leaf = Step::leaf_name(member, suffix);
            (member, Names { built: built(&leaf), leaf })
        };
        Beside { range, tables: Member::ALL.into_iter().map(names).collect() }
    }

    pub(crate) fn range(&self) -> TimeRange {
        self.range
    }

    fn names(&self, member: Member) -> &Names {
        let found = self.tables.iter().find(|(of, _)| *of == member);
        found.map(|(_, names)| names).expect("there is a table for each member")
    }

    /// What a member's table is called until it is attached.
    pub(crate) fn table(&self, member: Member) -> &str {
        &self.names(member).built
    }

    /// Makes the tables, empty and without indexes.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn create(&self, client: &impl GenericClient) -> Result<()> {
        for (member, names) in &self.tables {
            client.batch_execute(&moving::create(*member, &names.built)).await?;
        }
        Ok(())
    }

    /// Removes the tables, as far as they are there.
    ///
    /// # Errors
    /// [`Error::Refused`] where one is a leaf already.
    pub(crate) async fn remove(&self, client: &impl GenericClient) -> Result<()> {
        for (_, Names { built, .. }) in &self.tables {
            if attached(client, built).await?.is_some() {
                return Err(Error::Refused(format!("{built} is a partition already")));
            }
            if exists(client, built).await? {
                client.batch_execute(&moving::drop_table(built)).await?;
            }
        }
        Ok(())
    }

    /// Gives a table what lets ATTACH take it as it is: keys and indexes by the parent's definitions as far as it lacks them,
    /// and the range as a constraint that was checked.
    ///
    /// # Errors
    /// When the database refuses: a row out of the range, a key twice.
    pub(crate) async fn index(&self, client: &impl GenericClient, member: Member) -> Result<()> {
        let Names { built, leaf } = self.names(member);
        client
            .batch_execute(&moving::add_range(built, &format!("{leaf}_range"), self.range))
            .await?;
        let sql = include_str!("../../sql/archive/index_statements.sql");
        for row in client.query(sql, &[&member.table(), built]).await? {
            client.batch_execute(row.get(0)).await?;
        }
        Ok(())
    }

    /// Attaches the tables, under the leaves' names where these are free.
    ///
    /// # Errors
    /// When the database refuses: another leaf has a part of the range.
    pub(crate) async fn attach(&self, tx: &Transaction<'_>) -> Result<()> {
        for (member, Names { built, leaf }) in &self.tables {
            let name = if exists(tx, leaf).await? {
                built
            } else {
                tx.batch_execute(&moving::rename(built, leaf)).await?;
                leaf
            };
            tx.batch_execute(&moving::attach(*member, name, self.range)).await?;
            let leaf =
                Leaf { member: *member, name: name.clone(), range: self.range, closed: false };
            still_there(tx, &[leaf]).await?;
        }
        Ok(())
    }
}
