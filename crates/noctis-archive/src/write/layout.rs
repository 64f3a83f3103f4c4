//! How the rows of a table are laid out in its Parquet file, so that reading few of them reads little.
//!
//! Row groups bound what must be in memory, pages what must be decoded for a row; both are small. Ids have bloom filters,
//! so that a group without somebody is not read.

use noctis_core::archive::{Column, Kind};
use noctis_core::partition::Member;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// Rows of a group at most. Somebody's kills are found by group, so fewer are read when groups are small; each costs a
/// footer entry of every column.
const GROUP_ROWS_MAX: usize = 65_536;
/// Bytes of a group at most, compressed: it is kept in memory until it is complete.
const GROUP_BYTES_MAX: usize = 48 * 1024 * 1024;
/// Rows of a page at most, and its bytes before compression.
const PAGE_ROWS_MAX: usize = 2_048;
const PAGE_BYTES_MAX: usize = 64 * 1024;
/// Values are written in batches of so many, between which the bounds of pages are looked at.
const WRITE_BATCH: usize = 256;
/// A dictionary must be read before any page of its column: beyond this, values are written as they are.
const DICTIONARY_BYTES_MAX: usize = 256 * 1024;
/// Of groups without an id, how many its bloom filter lets through.
const BLOOM_FALSE_POSITIVES: f64 = 0.01;
/// Measured in docs/performance.md: higher levels cost more time than they save space.
const ZSTD_LEVEL: i32 = 3;
/// The name under which a file says which schema it has.
pub(super) const SCHEMA_VERSION_KEY: &str = "noctis.schema_version";

/// The columns by which the rows of a member are sorted.
pub(super) fn sort_columns(member: Member) -> &'static [&'static str] {
    match member {
        Member::Raw | Member::Enriched => &["timestamp", "killmail_id"],
        Member::Participants => &["timestamp", "killmail_id", "ordinal"],
    }
}

/// Columns that are asked for one value, of which a group has few.
fn has_bloom_filter(column: &Column) -> bool {
    [
        "killmail_id",
        "character_id",
        "corporation_id",
        "alliance_id",
        "faction_id",
        "system_id",
        "ship_type_id",
        "weapon_type_id",
        "war_id",
    ]
    .contains(&column.name)
}

/// The writer's settings for a table with these columns.
pub(super) fn properties(
    member: Member,
    columns: &[Column],
    schema_version: i32,
) -> WriterProperties {
    let zstd = Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL).expect("zstd has levels 1 to 22"));
    let version = KeyValue::new(SCHEMA_VERSION_KEY.to_owned(), schema_version.to_string());
    let position = |name: &&str| columns.iter().position(|column| column.name == *name);
    let sorting = sort_columns(member)
        .iter()
        .filter_map(position)
        .map(|index| SortingColumn {
            column_idx: i32::try_from(index).expect("a table has few columns"),
            descending: false,
            nulls_first: false,
        })
        .collect();
    let mut builder = WriterProperties::builder()
        .set_created_by(concat!("noctis ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(vec![version]))
        .set_sorting_columns(Some(sorting))
        .set_compression(zstd)
        .set_max_row_group_row_count(Some(GROUP_ROWS_MAX))
        .set_max_row_group_bytes(Some(GROUP_BYTES_MAX))
        .set_data_page_row_count_limit(PAGE_ROWS_MAX)
        .set_data_page_size_limit(PAGE_BYTES_MAX)
        .set_write_batch_size(WRITE_BATCH)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES_MAX)
        .set_statistics_enabled(EnabledStatistics::Page);
    for column in columns {
        let path = ColumnPath::from(column.name);
        match column.kind {
            // Nothing is looked for between two bodies or hashes, and none comes twice.
            Kind::Jsonb | Kind::Bytea => {
                builder = builder
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
            }
            // They grow from row to row.
            Kind::Timestamptz => {
                builder = builder
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED);
            }
            Kind::Int8 if column.name == "killmail_id" => {
                builder = builder
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED);
            }
            Kind::Boolean
            | Kind::Int4
            | Kind::Int8
            | Kind::Float4
            | Kind::Isk
            | Kind::Text
            | Kind::Date
            | Kind::TextArray
            | Kind::Int4Array => {}
        }
        if has_bloom_filter(column) {
            let ids_max = u64::try_from(GROUP_ROWS_MAX).expect("65,536 fits");
            builder = builder
                .set_column_bloom_filter_fpp(path.clone(), BLOOM_FALSE_POSITIVES)
                .set_column_bloom_filter_max_ndv(path, ids_max);
        }
    }
    builder.build()
}
