package gateway

import "testing"

// TestClients: system_views.clients shows the gateway's clients; the node's own
// would be the gateway's connections.
func TestClients(t *testing.T) {
	s := gateway(t)
	session := connect(t, s.CQL, "token", s.Token)
	rows := session.Query(`SELECT username, driver_name, request_count FROM system_views.clients`).Iter()
	var user, driver string
	var requests int64
	for rows.Scan(&user, &driver, &requests) {
		if user != s.Token[8:32] || driver == "astrolabe" || requests < 2 { // a token's login is shown by its client id
			t.Errorf("client %q of driver %q with %d requests", user, driver, requests)
		}
	}
	if rows.NumRows() == 0 {
		t.Error("there are no clients")
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
}
