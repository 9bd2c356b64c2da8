//! The parts of a JSON text as slices of it. Reading them builds no tree, and their number is limited, so that a hostile
//! text costs little more memory than its own bytes.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// How many fields of an object, or entries of a list, are read.
pub(super) const MAX_PARTS: usize = 1000;

/// A longer name is cut off here. No field that an action knows has a name as long as this.
pub(super) const MAX_NAME_CHARS: usize = 500;

/// The depth to which objects and lists may be nested.
const MAX_DEPTH: usize = 128;

/// Whether a text is one JSON object that is not nested too deeply.
pub(super) fn is_object(text: &str) -> bool {
    let starts_as_object = text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{');
    starts_as_object && Structure::of(text).depth <= MAX_DEPTH && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// How many values a JSON text holds, one more or less.
pub(super) fn count_values(json: &RawValue) -> usize {
    Structure::of(json.get()).values
}

/// The fields of an object. Of several with the same name, the last counts.
#[derive(Default)]
pub(super) struct ObjectFields<'a> {
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// Whether there are more fields than [`MAX_PARTS`].
    pub(super) has_more: bool,
}

impl<'a> ObjectFields<'a> {
    /// `None` if the text is not an object.
    pub(super) fn of(object: &'a str) -> Option<Self> {
        serde_json::from_str(object).ok()
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &'a RawValue)> {
        self.fields.iter().map(|(name, value)| (&**name, *value))
    }
}

/// The entries of a list.
#[derive(Default)]
pub(super) struct ListEntries<'a> {
    pub(super) entries: Vec<&'a RawValue>,
    /// Whether there are more entries than [`MAX_PARTS`].
    pub(super) has_more: bool,
}

impl<'a> ListEntries<'a> {
    /// `None` if the text is not a list.
    pub(super) fn of(list: &'a RawValue) -> Option<Self> {
        serde_json::from_str(list.get()).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ObjectFields<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = ObjectFields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut read = ObjectFields::default();
                while let Some(Name(name)) = object.next_key()? {
                    if read.fields.len() < MAX_PARTS {
                        read.fields.push((name, object.next_value()?));
                    } else {
                        read.has_more = true;
                        object.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(read)
            }
        }

        json.deserialize_map(Fields)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ListEntries<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = ListEntries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut read = ListEntries::default();
                while read.entries.len() < MAX_PARTS {
                    let Some(entry) = list.next_element()? else { return Ok(read) };
                    read.entries.push(entry);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    read.has_more = true;
                }
                Ok(read)
            }
        }

        json.deserialize_seq(Entries)
    }
}

/// The name of a field, at most one character longer than [`MAX_NAME_CHARS`].
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(cut_off(name, MAX_NAME_CHARS + 1))))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(cut_off(name, MAX_NAME_CHARS + 1).to_owned())))
            }
        }

        json.deserialize_str(Text)
    }
}

fn cut_off(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}

/// What the punctuation of a JSON text shows without parsing it.
#[derive(Default)]
struct Structure {
    depth: usize,
    values: usize,
}

impl Structure {
    fn of(text: &str) -> Self {
        let (mut open, mut structure) = (0_usize, Self::default());
        let (mut in_string, mut escaped) = (false, false);
        for byte in text.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b'{' | b'[' => {
                    open += 1;
                    structure.values += 1;
                    structure.depth = structure.depth.max(open);
                }
                b'}' | b']' => open = open.saturating_sub(1),
                b',' => structure.values += 1,
                _ => {}
            }
        }
        structure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_texts_do_not_nest() {
        let Structure { depth, values } = Structure::of(r#"{"[[\"[{\\":["a,b",{"x":"]"}],"y":1}"#);
        assert_eq!((depth, values), (3, 5));
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(is_object(&nested(MAX_DEPTH)));
        assert!(!is_object(&nested(MAX_DEPTH + 1)));
    }

    #[test]
    fn of_fields_with_one_name_the_last_counts() {
        let fields = ObjectFields::of(r#"{"a":1,"\u0061":2,"b":[3]}"#).unwrap();
        assert_eq!(fields.get("a").unwrap().get(), "2");
        assert_eq!(fields.get("b").unwrap().get(), "[3]");
        assert!(fields.get("c").is_none());
    }

    #[test]
    fn no_more_parts_are_read_than_the_limit() {
        let entries = vec!["0"; MAX_PARTS + 1].join(",");
        let list: Box<RawValue> = serde_json::from_str(&format!("[{entries}]")).unwrap();
        let read = ListEntries::of(&list).unwrap();
        assert!(read.entries.len() == MAX_PARTS && read.has_more);
        let object = format!("{{{}}}", vec![r#""a":0"#; MAX_PARTS + 1].join(","));
        let read = ObjectFields::of(&object).unwrap();
        assert!(read.iter().count() == MAX_PARTS && read.has_more);
    }

    #[test]
    fn long_names_are_cut_off() {
        let long = "é".repeat(MAX_NAME_CHARS + 100);
        for name in [long.clone(), format!("\\n{long}")] {
            let object = format!("{{\"{name}\":0}}");
            let read = ObjectFields::of(&object).unwrap();
            let (name, _) = read.iter().next().unwrap();
            assert_eq!(name.chars().count(), MAX_NAME_CHARS + 1);
        }
    }
}
