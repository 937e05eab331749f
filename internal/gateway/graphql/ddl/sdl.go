package ddl

// sdl is the schema of /graphql-schema.
const sdl = `
enum BasicType {
  CUSTOM INT TIMEUUID TIMESTAMP UDT BIGINT TIME DURATION VARINT UUID BOOLEAN TINYINT SMALLINT INET ASCII DECIMAL BLOB
  LIST MAP VARCHAR TUPLE DOUBLE COUNTER DATE TEXT FLOAT SET
}
enum ColumnKind { COMPACT UNKNOWN PARTITION CLUSTERING REGULAR STATIC }
"What of a collection an index is about"
enum IndexKind { KEYS VALUES ENTRIES FULL }

type DataCenter {
  name: String!
  "How many replicas it has of each row"
  replicas: Int!
}
type DataTypeInfo {
  "The name of a user type"
  name: String
  "The types of the elements of a collection, or of the fields of a tuple"
  subTypes: [DataType!]
  frozen: Boolean
}
type DataType {
  basic: BasicType!
  "What is needed beside that of collections, tuples and user types"
  info: DataTypeInfo
}
type Column {
  kind: ColumnKind
  name: String!
  type: DataType!
}
type Table {
  name: String!
  columns: [Column]
}
type Field {
  name: String!
  type: DataType!
}
"A user type"
type Type {
  name: String!
  fields: [Field]
}
type Keyspace {
  name: String!
  "The datacenters that it is replicated to by name"
  dcs: [DataCenter]
  table(name: String!): Table
  tables: [Table]
  type(name: String!): Type
  types: [Type]
}

input DataTypeInfoInput {
  name: String
  subTypes: [DataTypeInput!]
  frozen: Boolean
}
input DataTypeInput {
  basic: BasicType!
  info: DataTypeInfoInput
}
input ColumnInput {
  name: String!
  type: DataTypeInput!
}
input ClusteringKeyInput {
  name: String!
  type: DataTypeInput!
  "ASC or DESC"
  order: String
}
input DataCenterInput {
  name: String!
  replicas: Int = 3
}

type Query {
  keyspace(name: String!): Keyspace
  keyspaces: [Keyspace]
}
type Mutation {
  createTable(keyspaceName: String!, tableName: String!, partitionKeys: [ColumnInput!]!, clusteringKeys: [ClusteringKeyInput], values: [ColumnInput], ifNotExists: Boolean): Boolean
  alterTableAdd(keyspaceName: String!, tableName: String!, toAdd: [ColumnInput]!): Boolean
  alterTableDrop(keyspaceName: String!, tableName: String!, toDrop: [String]!): Boolean
  dropTable(keyspaceName: String!, tableName: String!, ifExists: Boolean): Boolean
  createType(keyspaceName: String!, typeName: String!, fields: [ColumnInput!]!, ifNotExists: Boolean): Boolean
  dropType(keyspaceName: String!, typeName: String!, ifExists: Boolean): Boolean
  createIndex(keyspaceName: String!, tableName: String!, columnName: String!, indexName: String, indexType: String, indexKind: IndexKind, ifNotExists: Boolean): Boolean
  dropIndex(keyspaceName: String!, indexName: String!, ifExists: Boolean): Boolean
  createKeyspace(name: String!, ifNotExists: Boolean, replicas: Int, datacenters: [DataCenterInput]): Boolean
  dropKeyspace(name: String!, ifExists: Boolean): Boolean
}
`
