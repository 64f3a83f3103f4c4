//! Reading the rows of closed leaves, all members from one snapshot, as binary `COPY` has them.

use noctis_core::partition::{Leaf, Member};
use tokio_postgres::{Client, CopyOutStream, GenericClient, IsolationLevel, Transaction};

use super::ddl::moving;
use crate::{Error, Result};

/// The constraints that keep leaves closed, by their identity: who removes one and makes another has another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fence(pub(super) Vec<u32>);

/// A transaction that reads a month and writes nothing.
pub struct Export<'a> {
    transaction: Transaction<'a>,
    fence: Fence,
}

impl<'a> Export<'a> {
    /// Begins to read these leaves.
    ///
    /// # Errors
    /// [`Error::NotClosed`] where one of them takes new rows.
    pub async fn begin(client: &'a mut Client, leaves: &[Leaf]) -> Result<Export<'a>> {
        let transaction = client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()
            .await?;
        transaction.batch_execute(include_str!("../../sql/archive/export_session.sql")).await?;
        let fence = fence(&transaction, leaves).await?;
        Ok(Export { transaction, fence })
    }

    /// All rows of a table of this member, in the order of the archive's files.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rows(&self, member: Member, table: &str) -> Result<CopyOutStream> {
        Ok(self.transaction.copy_out(&moving::copy_out(member, table)).await?)
    }

    /// Ends reading; what kept the leaves closed meanwhile.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end(self) -> Result<Fence> {
        self.transaction.commit().await?;
        Ok(self.fence)
    }
}

/// What keeps these leaves closed. [`Error::NotClosed`] where nothing does.
pub(super) async fn fence(client: &impl GenericClient, leaves: &[Leaf]) -> Result<Fence> {
    let mut fence = Vec::new();
    for leaf in leaves {
        let found = closing(client, &leaf.name).await?;
        if found.is_empty() {
            return Err(Error::NotClosed(leaf.name.clone()));
        }
        fence.extend(found.into_iter().map(|(oid, _)| oid));
    }
    Ok(Fence(fence))
}

/// The closing constraints of one table, each with its name.
pub(super) async fn closing(
    client: &impl GenericClient,
    table: &str,
) -> Result<Vec<(u32, String)>> {
    let sql = include_str!("../../sql/archive/fence.sql");
    let rows = client.query(sql, &[&moving::quoted(table)]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
