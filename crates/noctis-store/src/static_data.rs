//! EVE's static data: in SQL tables, for joins, and what was imported of it, kept whole for every process.

use std::pin::pin;

use jiff::Timestamp;
use jiff::civil::Date;
use noctis_core::catalogue::Catalogue;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, Transaction};

use crate::{Result, fail};

/// Static data that was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// CCP's build number.
    pub build: i64,
    /// The day CCP published it.
    pub released: Date,
    /// Another one after each import.
    pub imported_at: Timestamp,
}

/// What was imported last, if anything was.
pub async fn imported(client: &Client) -> Result<Option<Imported>> {
    let rows = client.query_typed(include_str!("../sql/static_data/imported.sql"), &[]).await?;
    Ok(rows.first().map(read))
}

/// The same with the catalogue's text, packed as it was given to [`replace`].
pub async fn packed(client: &Client) -> Result<Option<(Imported, Vec<u8>)>> {
    let rows = client.query_typed(include_str!("../sql/static_data/packed.sql"), &[]).await?;
    Ok(rows.first().map(|row| (read(row), row.get("packed"))))
}

fn read(row: &Row) -> Imported {
    Imported {
        build: row.get("build"),
        released: row.get("released"),
        imported_at: row.get("imported_at"),
    }
}

/// Brings the static tables to the catalogue's build, in one transaction; tells whether there was anything to do.
pub async fn load(client: &mut Client, catalogue: &Catalogue) -> Result<bool> {
    let build: Option<String> =
        client.query_one(include_str!("../sql/static_data/build.sql"), &[]).await?.get(0);
    let loaded = build.as_deref().and_then(|build| build.parse::<i64>().ok());
    // An older noctis on the same database leaves a newer build as it is.
    if build.as_deref() == Some(&catalogue.build)
        || loaded.is_some_and(|loaded| loaded > catalogue.build_number())
    {
        return Ok(false);
    }
    let transaction = client.transaction().await?;
    // Two that load at once would meet in each other's rows; the second finds it done.
    let loaded = lock(&transaction).await?.as_deref() == Some(&catalogue.build);
    if !loaded {
        fill(&transaction, catalogue).await?;
        transaction.commit().await?;
    }
    Ok(!loaded)
}

/// Keeps imported static data, packed, and loads the tables with it: one transaction.
pub async fn replace(
    client: &mut Client,
    catalogue: &Catalogue,
    released: Date,
    packed: &[u8],
) -> Result<()> {
    let transaction = client.transaction().await?;
    lock(&transaction).await?;
    transaction
        .execute(
            include_str!("../sql/static_data/put.sql"),
            &[&catalogue.build_number(), &released, &packed],
        )
        .await?;
    fail::point("static_data.kept");
    fill(&transaction, catalogue).await?;
    fail::point("static_data.filled");
    transaction.commit().await?;
    Ok(())
}

async fn lock(transaction: &Transaction<'_>) -> Result<Option<String>> {
    let row = transaction.query_one(include_str!("../sql/static_data/lock.sql"), &[]).await?;
    Ok(row.get(0))
}

async fn fill(transaction: &Transaction<'_>, catalogue: &Catalogue) -> Result<()> {
    transaction.batch_execute(include_str!("../sql/static_data/clear.sql")).await?;
    copy_places(transaction, catalogue).await?;
    copy_types(transaction, catalogue).await?;
    copy_powers(transaction, catalogue).await?;
    transaction
        .execute(include_str!("../sql/static_data/set_build.sql"), &[&catalogue.build])
        .await?;
    Ok(())
}

async fn copy_places(transaction: &Transaction<'_>, catalogue: &Catalogue) -> Result<()> {
    let regions =
        catalogue.regions.iter().map(|row| vec![boxed(row.region_id), boxed(row.name.to_string())]);
    copy(
        transaction,
        include_str!("../sql/static_data/copy_regions.sql"),
        &[Type::INT8, Type::TEXT],
        regions,
    )
    .await?;
    let constellations = catalogue.constellations.iter().map(|row| {
        vec![boxed(row.constellation_id), boxed(row.name.to_string()), boxed(row.region_id)]
    });
    let types = [Type::INT8, Type::TEXT, Type::INT8];
    copy(
        transaction,
        include_str!("../sql/static_data/copy_constellations.sql"),
        &types,
        constellations,
    )
    .await?;
    let systems = catalogue.systems.iter().map(|row| {
        vec![
            boxed(row.system_id),
            boxed(row.name.to_string()),
            boxed(
                catalogue.constellations.name(row.constellation_id).unwrap_or_default().to_owned(),
            ),
            boxed(catalogue.regions.name(row.region_id).unwrap_or_default().to_owned()),
            boxed(row.security),
            boxed(row.constellation_id),
            boxed(row.region_id),
            boxed(row.wormhole_class.map(i16::from)),
        ]
    });
    let types = [
        Type::INT8,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::FLOAT8,
        Type::INT8,
        Type::INT8,
        Type::INT2,
    ];
    copy(transaction, include_str!("../sql/static_data/copy_systems.sql"), &types, systems).await
}

async fn copy_types(transaction: &Transaction<'_>, catalogue: &Catalogue) -> Result<()> {
    let categories = catalogue
        .categories
        .iter()
        .map(|row| vec![boxed(row.category_id), boxed(row.name.to_string())]);
    let types = [Type::INT8, Type::TEXT];
    copy(
        transaction,
        include_str!("../sql/static_data/copy_type_categories.sql"),
        &types,
        categories,
    )
    .await?;
    let groups = catalogue
        .groups
        .iter()
        .map(|row| vec![boxed(row.group_id), boxed(row.name.to_string()), boxed(row.category_id)]);
    let types = [Type::INT8, Type::TEXT, Type::INT8];
    copy(transaction, include_str!("../sql/static_data/copy_type_groups.sql"), &types, groups)
        .await?;
    let rows = catalogue.types.iter().map(|row| {
        vec![
            boxed(row.type_id),
            boxed(row.name.to_string()),
            boxed(row.group_id),
            boxed(row.category_id),
            boxed(row.market_group_id),
            boxed(row.meta_group_id),
            boxed(row.published),
        ]
    });
    let types =
        [Type::INT8, Type::TEXT, Type::INT8, Type::INT8, Type::INT8, Type::INT8, Type::BOOL];
    copy(transaction, include_str!("../sql/static_data/copy_types.sql"), &types, rows).await
}

async fn copy_powers(transaction: &Transaction<'_>, catalogue: &Catalogue) -> Result<()> {
    let types = [Type::INT8, Type::TEXT];
    let factions = catalogue
        .factions
        .iter()
        .map(|row| vec![boxed(row.faction_id), boxed(row.name.to_string())]);
    copy(transaction, include_str!("../sql/static_data/copy_factions.sql"), &types, factions)
        .await?;
    let corporations = catalogue
        .npc_corporations
        .iter()
        .map(|row| vec![boxed(row.corporation_id), boxed(row.name.to_string())]);
    let sql = include_str!("../sql/static_data/copy_npc_corporations.sql");
    copy(transaction, sql, &types, corporations).await
}

type Value = Box<dyn ToSql + Sync + Send>;

fn boxed(value: impl ToSql + Sync + Send + 'static) -> Value {
    Box::new(value)
}

async fn copy(
    transaction: &Transaction<'_>,
    sql: &str,
    types: &[Type],
    rows: impl Iterator<Item = Vec<Value>>,
) -> Result<()> {
    let mut writer = pin!(BinaryCopyInWriter::new(transaction.copy_in(sql).await?, types));
    for row in rows {
        writer.as_mut().write_raw(row.iter().map(|value| value.as_ref() as &dyn ToSql)).await?;
    }
    writer.finish().await?;
    Ok(())
}
