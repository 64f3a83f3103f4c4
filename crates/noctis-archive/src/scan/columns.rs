//! Columns of a batch by their names, a value at a time; a column that was not read holds nothing.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use jiff::Timestamp;
use jiff::civil::Date;
use noctis_core::isk::Isk;
use noctis_core::kill::Key;

/// A batch whose columns have the types of the tables, as `Table::read` gives it.
pub(super) struct Columns<'a>(pub(super) &'a RecordBatch);

impl<'a> Columns<'a> {
    /// The array, where it was read and the row has a value.
    fn array(&self, name: &str, row: usize) -> Option<&'a ArrayRef> {
        self.0.column_by_name(name).filter(|array| array.is_valid(row))
    }

    pub(super) fn int8(&self, name: &str, row: usize) -> Option<i64> {
        Some(self.array(name, row)?.as_primitive::<Int64Type>().value(row))
    }

    pub(super) fn int4(&self, name: &str, row: usize) -> Option<i32> {
        Some(self.array(name, row)?.as_primitive::<Int32Type>().value(row))
    }

    pub(super) fn flag(&self, name: &str, row: usize) -> bool {
        self.array(name, row).is_some_and(|array| array.as_boolean().value(row))
    }

    pub(super) fn text(&self, name: &str, row: usize) -> Option<&'a str> {
        Some(self.array(name, row)?.as_string::<i32>().value(row))
    }

    pub(super) fn bytes(&self, name: &str, row: usize) -> Option<&'a [u8]> {
        Some(self.array(name, row)?.as_binary::<i32>().value(row))
    }

    pub(super) fn isk(&self, name: &str, row: usize) -> Option<Isk> {
        let hundredths = self.array(name, row)?.as_primitive::<Decimal128Type>().value(row);
        Isk::from_hundredths(hundredths)
    }

    pub(super) fn time(&self, name: &str, row: usize) -> Option<Timestamp> {
        let array = self.array(name, row)?.as_primitive::<TimestampMicrosecondType>();
        Timestamp::from_microsecond(array.value(row)).ok()
    }

    pub(super) fn date(&self, name: &str, row: usize) -> Option<Date> {
        let days = self.array(name, row)?.as_primitive::<Date32Type>().value(row);
        jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
    }

    /// The kill of a row.
    pub(super) fn key(&self, row: usize) -> Option<Key> {
        Some((self.time("timestamp", row)?, self.int8("killmail_id", row)?))
    }

    pub(super) fn words(&self, name: &str, row: usize) -> Vec<&'a str> {
        let Some(array) = self.array(name, row) else { return Vec::new() };
        let list = array.as_list::<i32>();
        let (from, to) = (list.value_offsets()[row], list.value_offsets()[row + 1]);
        let words = list.values().as_string::<i32>();
        (from..to).filter_map(|at| usize::try_from(at).ok()).map(|at| words.value(at)).collect()
    }

    pub(super) fn numbers(&self, name: &str, row: usize) -> &'a [i32] {
        let Some(array) = self.array(name, row) else { return &[] };
        let list = array.as_list::<i32>();
        let (from, to) = (list.value_offsets()[row], list.value_offsets()[row + 1]);
        let numbers = list.values().as_primitive::<Int32Type>().values();
        let place = |at: i32| usize::try_from(at).unwrap_or_default();
        &numbers[place(from)..place(to)]
    }
}
