//! From values as `COPY` has them to Arrow's columns, a batch at a time.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder, Int32Builder,
    Int64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use noctis_core::archive::{Column, Kind};
use noctis_core::partition::Member;

use super::{
    EPOCH_DAYS, EPOCH_MICROSECONDS, INT4_OID, ISK_PRECISION, ISK_SCALE, TEXT_OID, arrow_schema,
    element, numeric,
};
use crate::copy::Row;
use crate::{Error, Result};

/// Gathers rows into a batch.
pub(crate) struct RowsBuilder {
    member: Member,
    columns: Vec<Column>,
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
    bytes: usize,
}

impl RowsBuilder {
    pub(crate) fn new(member: Member, columns: &[Column]) -> RowsBuilder {
        RowsBuilder {
            member,
            columns: columns.to_vec(),
            schema: arrow_schema(columns),
            builders: columns.iter().map(|column| Builder::new(column.kind)).collect(),
            rows: 0,
            bytes: 0,
        }
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows gathered since the last batch, and how long they were.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.rows, self.bytes)
    }

    /// # Errors
    /// When a value is none that the archive holds.
    pub(crate) fn push(&mut self, row: Row<'_>) -> Result<()> {
        for (index, (column, builder)) in self.columns.iter().zip(&mut self.builders).enumerate() {
            let value = row.value(index);
            let appended = match value {
                None if !column.nullable => Err("it is null, where the table allows none".into()),
                value => builder.append(value),
            };
            appended.map_err(|detail| Error::Value {
                member: self.member,
                row: row.number(),
                column: column.name,
                detail,
            })?;
        }
        self.rows += 1;
        self.bytes += row.len();
        Ok(())
    }

    /// The batch of what was gathered.
    pub(crate) fn finish(&mut self) -> RecordBatch {
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        (self.rows, self.bytes) = (0, 0);
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .expect("each builder makes the type of its column, and all have as many rows")
    }
}

enum Builder {
    Boolean(BooleanBuilder),
    Int4(Int32Builder),
    Int8(Int64Builder),
    Float4(Float32Builder),
    Isk(Decimal128Builder),
    Text(StringBuilder),
    Bytea(BinaryBuilder),
    Jsonb(StringBuilder),
    Timestamptz(TimestampMicrosecondBuilder),
    Date(Date32Builder),
    TextArray(ListBuilder<StringBuilder>),
    Int4Array(ListBuilder<Int32Builder>),
}

impl Builder {
    fn new(kind: Kind) -> Builder {
        match kind {
            Kind::Boolean => Builder::Boolean(BooleanBuilder::new()),
            Kind::Int4 => Builder::Int4(Int32Builder::new()),
            Kind::Int8 => Builder::Int8(Int64Builder::new()),
            Kind::Float4 => Builder::Float4(Float32Builder::new()),
            Kind::Isk => Builder::Isk(
                Decimal128Builder::new()
                    .with_precision_and_scale(ISK_PRECISION, ISK_SCALE)
                    .expect("Arrow knows decimals of 20 digits, 2 of them behind the point"),
            ),
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Bytea => Builder::Bytea(BinaryBuilder::new()),
            Kind::Jsonb => Builder::Jsonb(StringBuilder::new()),
            Kind::Timestamptz => {
                Builder::Timestamptz(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
            Kind::Date => Builder::Date(Date32Builder::new()),
            Kind::TextArray => Builder::TextArray(
                ListBuilder::new(StringBuilder::new()).with_field(element(DataType::Utf8)),
            ),
            Kind::Int4Array => Builder::Int4Array(
                ListBuilder::new(Int32Builder::new()).with_field(element(DataType::Int32)),
            ),
        }
    }

    fn append(&mut self, value: Option<&[u8]>) -> Result<(), String> {
        match self {
            Builder::Boolean(builder) => builder.append_option(value.map(boolean).transpose()?),
            Builder::Int4(builder) => builder.append_option(value.map(int4).transpose()?),
            Builder::Int8(builder) => builder.append_option(value.map(int8).transpose()?),
            Builder::Float4(builder) => {
                builder.append_option(value.map(fixed).transpose()?.map(f32::from_be_bytes))
            }
            Builder::Isk(builder) => {
                builder.append_option(value.map(numeric::decode).transpose()?);
            }
            Builder::Text(builder) => builder.append_option(value.map(text).transpose()?),
            Builder::Bytea(builder) => builder.append_option(value),
            Builder::Jsonb(builder) => builder.append_option(value.map(json).transpose()?),
            Builder::Timestamptz(builder) => {
                builder.append_option(value.map(microseconds).transpose()?);
            }
            Builder::Date(builder) => builder.append_option(value.map(date).transpose()?),
            Builder::TextArray(builder) => {
                let Some(value) = value else {
                    builder.append_null();
                    return Ok(());
                };
                each_element(value, TEXT_OID, |element| {
                    builder.values().append_option(element.map(text).transpose()?);
                    Ok(())
                })?;
                builder.append(true);
            }
            Builder::Int4Array(builder) => {
                let Some(value) = value else {
                    builder.append_null();
                    return Ok(());
                };
                each_element(value, INT4_OID, |element| {
                    builder.values().append_option(element.map(int4).transpose()?);
                    Ok(())
                })?;
                builder.append(true);
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Boolean(builder) => Arc::new(builder.finish()),
            Builder::Int4(builder) => Arc::new(builder.finish()),
            Builder::Int8(builder) => Arc::new(builder.finish()),
            Builder::Float4(builder) => Arc::new(builder.finish()),
            Builder::Isk(builder) => Arc::new(builder.finish()),
            Builder::Text(builder) | Builder::Jsonb(builder) => Arc::new(builder.finish()),
            Builder::Bytea(builder) => Arc::new(builder.finish()),
            Builder::Timestamptz(builder) => Arc::new(builder.finish()),
            Builder::Date(builder) => Arc::new(builder.finish()),
            Builder::TextArray(builder) => Arc::new(builder.finish()),
            Builder::Int4Array(builder) => Arc::new(builder.finish()),
        }
    }
}

fn fixed<const LENGTH: usize>(value: &[u8]) -> Result<[u8; LENGTH], String> {
    value.try_into().map_err(|_| format!("it has {} bytes instead of {LENGTH}", value.len()))
}

fn boolean(value: &[u8]) -> Result<bool, String> {
    match fixed(value)? {
        [0] => Ok(false),
        [1] => Ok(true),
        [other] => Err(format!("{other} is neither true nor false")),
    }
}

fn int4(value: &[u8]) -> Result<i32, String> {
    fixed(value).map(i32::from_be_bytes)
}

fn int8(value: &[u8]) -> Result<i64, String> {
    fixed(value).map(i64::from_be_bytes)
}

fn text(value: &[u8]) -> Result<&str, String> {
    str::from_utf8(value).map_err(|_| "it is not UTF-8".to_owned())
}

fn json(value: &[u8]) -> Result<&str, String> {
    match value.split_first() {
        Some((1, rest)) => text(rest),
        _ => Err("it is no jsonb of version 1".to_owned()),
    }
}

/// From 1970 on.
pub(crate) fn microseconds(value: &[u8]) -> Result<i64, String> {
    let since_2000 = int8(value)?;
    if since_2000 == i64::MAX || since_2000 == i64::MIN {
        return Err("it is an infinite time, which no archive holds".to_owned());
    }
    since_2000
        .checked_add(EPOCH_MICROSECONDS)
        .ok_or_else(|| "it is later than Parquet can say".to_owned())
}

fn date(value: &[u8]) -> Result<i32, String> {
    let since_2000 = int4(value)?;
    if since_2000 == i32::MAX || since_2000 == i32::MIN {
        return Err("it is an infinite date, which no archive holds".to_owned());
    }
    since_2000.checked_add(EPOCH_DAYS).ok_or_else(|| "it is later than Parquet can say".to_owned())
}

/// Walks over the elements of an array of one dimension, from 1 up, as all of ours are.
fn each_element(
    value: &[u8],
    oid: u32,
    mut receive: impl FnMut(Option<&[u8]>) -> Result<(), String>,
) -> Result<(), String> {
    let mut at = 0;
    let mut word = || {
        let bytes = value.get(at..at + 4).ok_or("it is cut off")?;
        at += 4;
        int4(bytes)
    };
    let (dimensions, has_nulls, own_oid) = (word()?, word()?, word()?);
    if own_oid.cast_unsigned() != oid {
        return Err(format!("its elements are of type {own_oid} instead of {oid}"));
    }
    let length = match dimensions {
        0 => 0,
        1 => {
            let (length, lower) = (word()?, word()?);
            if lower != 1 || length < 1 {
                return Err("its elements are not numbered from 1 up".to_owned());
            }
            length
        }
        more => return Err(format!("it has {more} dimensions")),
    };
    let mut nulls = false;
    for _ in 0..length {
        let bytes = value.get(at..at + 4).ok_or("it is cut off")?;
        at += 4;
        let Ok(size) = usize::try_from(int4(bytes)?) else {
            nulls = true;
            receive(None)?;
            continue;
        };
        receive(Some(value.get(at..at + size).ok_or("it is cut off")?))?;
        at += size;
    }
    if at != value.len() || (has_nulls != 0) != nulls {
        return Err("it is no array as PostgreSQL sends it".to_owned());
    }
    Ok(())
}
