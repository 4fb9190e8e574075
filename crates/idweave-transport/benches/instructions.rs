//! The programs whose instructions `instructions.sh` counts: a server, and a
//! client that makes a number of calls by hand or through the transport.

#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::{io::Write, net::TcpListener};

use support::{ByHand, Idweave};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["serve"] => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            println!("http://{}", listener.local_addr().unwrap());
            std::io::stdout().flush().unwrap();
            support::serve(listener);
        }
        [client, base, calls] => {
            let calls: usize = calls.parse().unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                match client {
                    "reqwest" => {
                        let client = ByHand::new(base);
                        for _ in 0..calls {
                            client.user("auth0|7").await;
                        }
                    }
                    "idweave" => {
                        let client = Idweave::new(base);
                        for _ in 0..calls {
                            client.user("auth0|7").await;
                        }
                    }
                    other => eprintln!("neither reqwest nor idweave: {other}"),
                }
            });
        }
        _ => println!("run by benches/instructions.sh"),
    }
}
