package value

// ScalarSDL defines the scalar types that GraphQL does not have itself.
const ScalarSDL = `
"A CQL ascii, as a string"
scalar Ascii
"A CQL bigint (64 bits), as a string, because not every client has numbers of that size"
scalar BigInt
"A CQL blob, as a string in base64"
scalar Blob
"A CQL counter (64 bits), as a string"
scalar Counter
"A CQL date, as a string yyyy-mm-dd"
scalar Date
"A CQL decimal of any size, as a string"
scalar Decimal
"A CQL duration, as a string: 1h30m, or P1DT2H of ISO 8601"
scalar Duration
"A CQL float (32 bits)"
scalar Float32
"A CQL inet address, as a string"
scalar Inet
"A CQL smallint (16 bits)"
scalar SmallInt
"A CQL time of day, as a string hh:mm:ss.sssssssss"
scalar Time
"A CQL timestamp, as a string of ISO 8601 with milliseconds: 2021-10-05T12:34:56.789Z"
scalar Timestamp
"A CQL timeuuid, as a string; now() makes a new one"
scalar TimeUuid
"A CQL tinyint (8 bits)"
scalar TinyInt
"""
Represents a CQL ` + "`uuid`" + ` as a string.
Example: "fe86cad0-1965-11eb-84e6-ab660d2e8c9e"
"""
scalar Uuid
"A CQL varint of any size, as a string"
scalar Varint
`
