package system

// FixedSettings are the settings of cassandra.yaml that this server has one
// value for, in Cassandra's names.
func FixedSettings() []Setting {
	return []Setting{
		{"authenticator", "PasswordAuthenticator"},
		{"authenticator.class_name", "PasswordAuthenticator"},
		{"authorizer", "CassandraAuthorizer"},
		{"authorizer.class_name", "CassandraAuthorizer"},
		{"auto_snapshot", "false"},
		{"cdc_enabled", "false"},
		{"default_keyspace_rf", "1"},
		{"default_secondary_index", "legacy_local_table"},
		{"default_secondary_index_enabled", "true"},
		{"drop_compact_storage_enabled", "false"},
		{"dynamic_data_masking_enabled", "false"},
		{"endpoint_snitch", "SimpleSnitch"},
		{"hinted_handoff_enabled", "false"},
		{"incremental_backups", "false"},
		{"initial_token", Token},
		{"materialized_views_enabled", "false"},
		{"native_transport_allow_older_protocols", "true"},
		{"native_transport_max_auth_threads", "4"},
		{"native_transport_max_frame_size", "16MiB"},
		{"num_tokens", "1"},
		{"partitioner", Partitioner},
		{"role_manager", "CassandraRoleManager"},
		{"role_manager.class_name", "CassandraRoleManager"},
		{"sasi_indexes_enabled", "false"},
		{"scripted_user_defined_functions_enabled", "false"},
		{"secondary_indexes_enabled", "true"},
		{"start_native_transport", "true"},
		{"trace_type_query_ttl", "1d"},
		{"transient_replication_enabled", "false"},
		{"use_statements_enabled", "true"},
		{"user_defined_functions_enabled", "false"},
		{"vector_type_enabled", "true"},
	}
}
