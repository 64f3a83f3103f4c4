//! The Parquet schema of a table, and a value on its way between `COPY` and Arrow.
//!
//! `NUMERIC(20, 2)` is a decimal of that precision, `timestamptz` microseconds in UTC, `jsonb` text, an array a list.

mod build;
mod numeric;
mod value;

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use noctis_core::archive::{Column, Kind};

pub(crate) use build::{RowsBuilder, microseconds};
pub(crate) use value::{Cells, write_int4_array};

/// Microseconds from 1970 to 2000, where PostgreSQL begins to count.
pub(crate) const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;
/// Days from 1970 to 2000.
const EPOCH_DAYS: i32 = 10_957;
/// Digits of `NUMERIC(20, 2)`.
const ISK_PRECISION: u8 = 20;
const ISK_SCALE: i8 = 2;
/// What PostgreSQL calls the types of an array's elements.
const TEXT_OID: u32 = 25;
const INT4_OID: u32 = 23;

/// The Arrow schema of these columns.
pub fn arrow_schema(columns: &[Column]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|column| Field::new(column.name, data_type(column.kind), column.nullable))
        .collect();
    Arc::new(Schema::new(fields))
}

/// How Arrow calls a type of PostgreSQL.
pub fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Boolean => DataType::Boolean,
        Kind::Int4 => DataType::Int32,
        Kind::Int8 => DataType::Int64,
        Kind::Float4 => DataType::Float32,
        Kind::Isk => DataType::Decimal128(ISK_PRECISION, ISK_SCALE),
        Kind::Text | Kind::Jsonb => DataType::Utf8,
        Kind::Bytea => DataType::Binary,
        Kind::Timestamptz => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::Date => DataType::Date32,
        Kind::TextArray => DataType::List(element(DataType::Utf8)),
        Kind::Int4Array => DataType::List(element(DataType::Int32)),
    }
}

/// The elements of a list, under the name that Parquet's specification gives them.
fn element(data_type: DataType) -> Arc<Field> {
    Arc::new(Field::new("element", data_type, true))
}
