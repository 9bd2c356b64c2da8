//! Requests per second of a gated route beside an open one: the same handler in the same app.

use crate::{
    Failure,
    document::Size,
    load::{self, USER_HEADER},
    pass_through::{FRAMEWORKS, Settings, median, this_program},
    process::Server,
    say,
};

pub(super) fn run(api_url: &str, settings: &Settings) -> Result<(), Failure> {
    say(&format!(
        "\na gated route beside an open one, {} connections, a customer each, {} rounds of {} s, medians\n",
        settings.connections, settings.rounds, settings.seconds
    ));
    say(
        "| framework | open, requests/s | gated, requests/s | gated / open | open, CPU µs | gated, CPU µs | open / gated |",
    );
    say("| --- | --- | --- | --- | --- | --- | --- |");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for framework in FRAMEWORKS {
        let server = Server::start(framework, this_program(&["serve", &format!("gated-{framework}"), api_url])?)?;
        let (open, gated) = runtime.block_on(measure(&server, settings))?;
        let rates =
            format!("{:.0} | {:.0} | {:.2}", open.per_second, gated.per_second, gated.per_second / open.per_second);
        let (open, gated) = (open.cpu_microseconds, gated.cpu_microseconds);
        say(&format!("| {framework} | {rates} | {open:.1} | {gated:.1} | {:.2} |", open / gated));
    }
    Ok(())
}

/// What a route did, the median of its rounds.
struct Measured {
    per_second: f64,
    /// The processor time of the server for one request. Other programs of the machine disturb it less than the rate.
    cpu_microseconds: f64,
}

/// The rounds of both routes take turns, so that a machine that slows down slows both down.
async fn measure(server: &Server, settings: &Settings) -> Result<(Measured, Measured), Failure> {
    let (open, gated) = (requests("/open", settings.connections), requests("/gated", settings.connections));
    // Fills the cache and warms both up.
    for requests in [&open, &gated] {
        load::run(&server.address, requests, 1).await?;
    }
    let mut rounds: [Vec<(f64, f64)>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..settings.rounds {
        for (requests, rounds) in [&open, &gated].into_iter().zip(&mut rounds) {
            let before = server.cpu_seconds()?;
            let responses = load::run(&server.address, requests, settings.seconds).await?;
            let cpu = server.cpu_seconds()? - before;
            #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
            let (responses, seconds) = (responses as f64, settings.seconds as f64);
            rounds.push((responses / seconds, cpu * 1e6 / responses));
        }
    }
    let [open, gated] = rounds.map(|rounds| Measured {
        per_second: median(rounds.iter().map(|round| round.0)),
        cpu_microseconds: median(rounds.iter().map(|round| round.1)),
    });
    Ok((open, gated))
}

fn requests(path: &str, connections: usize) -> Vec<String> {
    let request = |number| {
        let customer = Size::Small.customer(number);
        format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{USER_HEADER}: {customer}\r\n\r\n")
    };
    (0..connections).map(request).collect()
}
