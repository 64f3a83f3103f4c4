//! Writing prices: binary COPY into a temporary table, merged into theirs in one transaction a batch.

use std::collections::BTreeMap;
use std::pin::pin;

use deadpool_postgres::Object;
use jiff::civil::Date;
use noctis_core::enrich::prices::rows::{PriceKind, PriceRow};
use noctis_core::isk::Isk;
use tokio_postgres::Transaction;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use crate::{Result, Store};

/// Writes batches of prices over one connection.
pub struct PriceWriter {
    client: Object,
}

impl PriceWriter {
    pub async fn new(store: &Store) -> Result<PriceWriter> {
        let client = store.client().await?;
        client.batch_execute(include_str!("../../sql/prices/create_staging.sql")).await?;
        Ok(PriceWriter { client })
    }

    /// Writes rows of one kind, and says how many of them were new or changed. Of several for one type and day the
    /// last counts. Safe to repeat.
    pub async fn write(&mut self, kind: PriceKind, rows: &[PriceRow]) -> Result<u64> {
        let rows: BTreeMap<(i64, Date), &PriceRow> =
            rows.iter().map(|row| ((row.type_id, row.day), row)).collect();
        let transaction = self.client.build_transaction().start().await?;
        let tx: &Transaction<'_> = &transaction;
        stage(tx, rows.into_values()).await?;
        let merge = match kind {
            PriceKind::Market => include_str!("../../sql/prices/merge_market.sql"),
            PriceKind::Adjusted => include_str!("../../sql/prices/merge_adjusted.sql"),
            PriceKind::Override => include_str!("../../sql/prices/merge_overrides.sql"),
            PriceKind::BuildCost => include_str!("../../sql/prices/merge_build_costs.sql"),
        };
        let changed = tx.execute(merge, &[]).await?;
        if changed > 0 {
            // Last, so that two imports that meet wait for each other's rows without it.
            tx.execute(include_str!("../../sql/prices/raise_revision.sql"), &[]).await?;
        }
        transaction.commit().await?;
        Ok(changed)
    }
}

async fn stage(tx: &Transaction<'_>, rows: impl Iterator<Item = &PriceRow>) -> Result<()> {
    let sink = tx.copy_in(include_str!("../../sql/prices/copy_staged.sql")).await?;
    let types = [Type::INT8, Type::DATE, Type::NUMERIC, Type::NUMERIC];
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    for row in rows {
        let (price, average) = (row.price.map(Isk::amount), row.average_price.map(Isk::amount));
        writer.as_mut().write(&[&row.type_id, &row.day, &price, &average]).await?;
    }
    writer.finish().await?;
    Ok(())
}
