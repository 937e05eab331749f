package schemafirst

// Directives is the text of the directives that map a schema to CQL, as clients
// can load it.
const Directives = `"What an object type is in CQL"
directive @cql_entity(
  "The name in CQL, that of the type if not given"
  name: String
  target: EntityTarget
) on OBJECT

enum EntityTarget {
  TABLE
  UDT
}

"Makes an input type for an object type"
directive @cql_input(
  "Its name, that of the type with 'Input' behind it if not given"
  name: String
) on OBJECT

"What a field is in CQL"
directive @cql_column(
  "The name in CQL, that of the field if not given"
  name: String
  partitionKey: Boolean
  clusteringOrder: ClusteringOrder
  "The CQL type, if it is not the one that the GraphQL type stands for"
  typeHint: String
) on FIELD_DEFINITION

enum ClusteringOrder {
  ASC
  DESC
}

"Has a secondary index on a field"
directive @cql_index(
  name: String
  class: String
  target: IndexTarget
  options: String
) on FIELD_DEFINITION

enum IndexTarget {
  VALUES
  FULL
  KEYS
  ENTRIES
}

"Marks a type that is no entity, but has one"
directive @cql_payload on OBJECT | INPUT_OBJECT

directive @cql_select(
  limit: Int
  pageSize: Int = 100
  consistencyLevel: QueryConsistency = LOCAL_QUORUM
) on FIELD_DEFINITION

directive @cql_insert(
  ifNotExists: Boolean = false
  consistencyLevel: MutationConsistency = LOCAL_QUORUM
  serialConsistency: SerialConsistency = SERIAL
  ttl: String
) on FIELD_DEFINITION

directive @cql_update(
  targetEntity: String
  ifExists: Boolean = false
  consistencyLevel: MutationConsistency = LOCAL_QUORUM
  serialConsistency: SerialConsistency = SERIAL
  ttl: String
) on FIELD_DEFINITION

directive @cql_delete(
  targetEntity: String
  ifExists: Boolean = false
  consistencyLevel: MutationConsistency = LOCAL_QUORUM
  serialConsistency: SerialConsistency = SERIAL
) on FIELD_DEFINITION

"Compares a field with an argument"
directive @cql_where(
  field: String
  predicate: Predicate = EQ
) on ARGUMENT_DEFINITION

"Makes a mutation conditional"
directive @cql_if(
  field: String
  predicate: Predicate = EQ
) on ARGUMENT_DEFINITION

"Adds an argument to a counter or a collection"
directive @cql_increment(
  field: String
  prepend: Boolean = false
) on ARGUMENT_DEFINITION

"The write time: microseconds, or an ISO 8601 date with time and zone"
directive @cql_timestamp on ARGUMENT_DEFINITION

"Where a page begins"
directive @cql_pagingState on ARGUMENT_DEFINITION

enum Predicate {
  EQ
  NEQ
  IN
  LT
  GT
  LTE
  GTE
  CONTAINS
}

enum QueryConsistency {
  LOCAL_ONE
  LOCAL_QUORUM
  ALL
  SERIAL
  LOCAL_SERIAL
}

enum MutationConsistency {
  LOCAL_ONE
  LOCAL_QUORUM
  ALL
}

enum SerialConsistency {
  SERIAL
  LOCAL_SERIAL
}
`
