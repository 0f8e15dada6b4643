//! Makes the messages of the .proto in PROTO.

fn main() {
    let directory = std::env::var("PROTO").unwrap();
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{}/items.rs", out), "mod unary;").unwrap(); // generated files take no include! themselves
    protobuf_codegen_pure::Codegen::new()
        .out_dir(out)
        .include(&directory)
        .input(format!("{}/unary.proto", directory))
        .run()
        .unwrap();
}
