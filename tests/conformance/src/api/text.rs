//! JSON for people who compare two versions of a file.

use serde_json::Value;

const WIDTH: usize = 120;

/// The document with its keys in alphabetical order, and whatever fits on one line on one line.
pub(super) fn of(document: &Value) -> String {
    let mut text = String::new();
    write(document, 0, 0, &mut text);
    text.push('\n');
    text
}

/// `used`: how much of the line is taken before and after the value.
fn write(value: &Value, depth: usize, used: usize, text: &mut String) {
    let line = on_one_line(value);
    if depth * 2 + used + line.len() <= WIDTH {
        text.push_str(&line);
        return;
    }
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let entries = names.into_iter().map(|name| (format!("{}: ", Value::from(&**name)), &fields[name]));
            write_entries(entries, ['{', '}'], depth, text);
        }
        Value::Array(entries) => {
            write_entries(entries.iter().map(|entry| (String::new(), entry)), ['[', ']'], depth, text);
        }
        _ => text.push_str(&line),
    }
}

fn write_entries<'a>(
    entries: impl Iterator<Item = (String, &'a Value)>,
    [open, close]: [char; 2],
    depth: usize,
    text: &mut String,
) {
    text.push(open);
    for (position, (name, value)) in entries.enumerate() {
        text.push_str(if position == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth + 1));
        text.push_str(&name);
        write(value, depth + 1, name.len() + 1, text);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}

fn on_one_line(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut entries: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::from(&**name), on_one_line(value)))
                .collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(entries) => {
            format!("[{}]", entries.iter().map(on_one_line).collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}
