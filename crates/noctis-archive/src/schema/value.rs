//! From Arrow's columns to values as `COPY` has them.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{
    Array, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Int32Array,
    Int64Array, ListArray, StringArray, TimestampMicrosecondArray,
};
use noctis_core::archive::Kind;

use super::{EPOCH_DAYS, EPOCH_MICROSECONDS, INT4_OID, TEXT_OID, numeric};
use crate::copy::Encoder;

/// The cells of a column in a batch.
pub(crate) enum Cells<'a> {
    Boolean(&'a BooleanArray),
    Int4(&'a Int32Array),
    Int8(&'a Int64Array),
    Float4(&'a Float32Array),
    Isk(&'a Decimal128Array),
    Text(&'a StringArray),
    Bytea(&'a BinaryArray),
    Jsonb(&'a StringArray),
    Timestamptz(&'a TimestampMicrosecondArray),
    Date(&'a Date32Array),
    TextArray(&'a ListArray),
    Int4Array(&'a ListArray),
}

impl<'a> Cells<'a> {
    /// # Panics
    /// When the array is of another type; the schema was compared when the file was opened.
    pub(crate) fn new(kind: Kind, array: &'a dyn Array) -> Cells<'a> {
        match kind {
            Kind::Boolean => Cells::Boolean(array.as_boolean()),
            Kind::Int4 => Cells::Int4(array.as_primitive::<Int32Type>()),
            Kind::Int8 => Cells::Int8(array.as_primitive::<Int64Type>()),
            Kind::Float4 => Cells::Float4(array.as_primitive::<Float32Type>()),
            Kind::Isk => Cells::Isk(array.as_primitive::<Decimal128Type>()),
            Kind::Text => Cells::Text(array.as_string()),
            Kind::Bytea => Cells::Bytea(array.as_binary()),
            Kind::Jsonb => Cells::Jsonb(array.as_string()),
            Kind::Timestamptz => {
                Cells::Timestamptz(array.as_primitive::<TimestampMicrosecondType>())
            }
            Kind::Date => Cells::Date(array.as_primitive::<Date32Type>()),
            Kind::TextArray => Cells::TextArray(array.as_list()),
            Kind::Int4Array => Cells::Int4Array(array.as_list()),
        }
    }

    /// Writes the value of a row.
    ///
    /// # Errors
    /// When the file holds a value that PostgreSQL does not have.
    pub(crate) fn write(&self, row: usize, out: &mut Encoder) -> Result<(), String> {
        if self.array().is_null(row) {
            out.null();
            return Ok(());
        }
        match self {
            Cells::Boolean(array) => out.value(|out| out.push(u8::from(array.value(row)))),
            Cells::Int4(array) => {
                out.value(|out| out.extend_from_slice(&array.value(row).to_be_bytes()));
            }
            Cells::Int8(array) => {
                out.value(|out| out.extend_from_slice(&array.value(row).to_be_bytes()));
            }
            Cells::Float4(array) => {
                out.value(|out| out.extend_from_slice(&array.value(row).to_be_bytes()));
            }
            Cells::Isk(array) => out.value(|out| numeric::encode(array.value(row), out)),
            Cells::Text(array) => {
                out.value(|out| out.extend_from_slice(array.value(row).as_bytes()));
            }
            Cells::Bytea(array) => out.value(|out| out.extend_from_slice(array.value(row))),
            Cells::Jsonb(array) => out.value(|out| {
                out.push(1);
                out.extend_from_slice(array.value(row).as_bytes());
            }),
            Cells::Timestamptz(array) => {
                let since_2000 = array
                    .value(row)
                    .checked_sub(EPOCH_MICROSECONDS)
                    .ok_or("it is a time that PostgreSQL does not know")?;
                out.value(|out| out.extend_from_slice(&since_2000.to_be_bytes()));
            }
            Cells::Date(array) => {
                let since_2000 = array
                    .value(row)
                    .checked_sub(EPOCH_DAYS)
                    .ok_or("it is a date that PostgreSQL does not know")?;
                out.value(|out| out.extend_from_slice(&since_2000.to_be_bytes()));
            }
            Cells::TextArray(array) => {
                let elements = array.value(row);
                let elements = elements.as_string::<i32>();
                out.value(|out| {
                    write_array(TEXT_OID, elements, out, |index, out| {
                        out.extend_from_slice(elements.value(index).as_bytes());
                    });
                });
            }
            Cells::Int4Array(array) => {
                let elements = array.value(row);
                let elements = elements.as_primitive::<Int32Type>();
                out.value(|out| {
                    write_array(INT4_OID, elements, out, |index, out| {
                        out.extend_from_slice(&elements.value(index).to_be_bytes());
                    });
                });
            }
        }
        Ok(())
    }

    fn array(&self) -> &dyn Array {
        match self {
            Cells::Boolean(array) => *array,
            Cells::Int4(array) => *array,
            Cells::Int8(array) => *array,
            Cells::Float4(array) => *array,
            Cells::Isk(array) => *array,
            Cells::Text(array) | Cells::Jsonb(array) => *array,
            Cells::Bytea(array) => *array,
            Cells::Timestamptz(array) => *array,
            Cells::Date(array) => *array,
            Cells::TextArray(array) | Cells::Int4Array(array) => *array,
        }
    }
}

/// Writes an `integer[]`.
pub(crate) fn write_int4_array(elements: &[i32], out: &mut Vec<u8>) {
    let elements = Int32Array::from(elements.to_vec());
    write_array(INT4_OID, &elements, out, |index, out| {
        out.extend_from_slice(&elements.value(index).to_be_bytes());
    });
}

/// An array of one dimension, numbered from 1 up; of none when it is empty.
fn write_array(
    oid: u32,
    elements: &dyn Array,
    out: &mut Vec<u8>,
    write: impl Fn(usize, &mut Vec<u8>),
) {
    let length = i32::try_from(elements.len()).expect("an array is shorter than its row");
    let dimensions = i32::from(length > 0);
    let has_nulls = i32::from(elements.null_count() > 0);
    out.extend_from_slice(&dimensions.to_be_bytes());
    out.extend_from_slice(&has_nulls.to_be_bytes());
    out.extend_from_slice(&oid.to_be_bytes());
    if length > 0 {
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&1_i32.to_be_bytes());
    }
    for index in 0..elements.len() {
        if elements.is_null(index) {
            out.extend_from_slice(&(-1_i32).to_be_bytes());
            continue;
        }
        let at = out.len();
        out.extend_from_slice(&[0; 4]);
        write(index, out);
        let size = i32::try_from(out.len() - at - 4).expect("an element is shorter than its row");
        out[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
}
