package rest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestCreateNewUser is the function createNewUser of the post that the project
// realizes, as a browser runs it on a page of another origin: two POSTs by
// fetch, each preceded by its preflight, and res.json() on each answer.
func TestCreateNewUser(t *testing.T) {
	server := httptest.NewServer(onEngine(t, Options{}))
	defer server.Close()
	const schemas = "/api/rest/v2/schemas/keyspaces"
	send(t, server, "POST", schemas, `{"name":"user_profile"}`)
	send(t, server, "POST", schemas+"/user_profile/tables", `{"name":"users","columnDefinitions":[
		{"name":"userid","typeDefinition":"uuid"},{"name":"firstname","typeDefinition":"text"},{"name":"lastname","typeDefinition":"text"},
		{"name":"email","typeDefinition":"text"},{"name":"created_date","typeDefinition":"timestamp"}],"primaryKey":{"partitionKey":["userid"]}}`)
	send(t, server, "POST", schemas+"/user_profile/tables", `{"name":"user_credentials","columnDefinitions":[
		{"name":"email","typeDefinition":"text"},{"name":"password","typeDefinition":"text"},{"name":"userid","typeDefinition":"uuid"}],"primaryKey":{"partitionKey":["email"]}}`)

	const (
		baseUsersUrl     = "/api/rest/v2/keyspaces/user_profile/users"
		baseUserCredsUrl = "/api/rest/v2/keyspaces/user_profile/user_credentials"
		userBody         = `{"userid":"f0a3b6a4-7d0c-4d5e-9c1e-3f1f8e2b9a10","firstname":"John","lastname":"Smith","email":"john@smith.example","created_date":"2021-09-29T16:00:00.123Z"}`
		credentialBody   = `{"userid":"f0a3b6a4-7d0c-4d5e-9c1e-3f1f8e2b9a10","email":"john@smith.example","password":"'s3cret'"}`
	)
	for url, body := range map[string]string{baseUsersUrl: userBody, baseUserCredsUrl: credentialBody} {
		preflight := do(t, server, "OPTIONS", url, "", map[string]string{
			"Origin": "https://app.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-cassandra-token"})
		allowed := strings.ToLower(preflight.header.Get("Access-Control-Allow-Headers"))
		if preflight.status/100 != 2 || preflight.header.Get("Access-Control-Allow-Origin") != "https://app.example" ||
			!strings.Contains(preflight.header.Get("Access-Control-Allow-Methods"), "POST") ||
			!strings.Contains(allowed, "x-cassandra-token") || !strings.Contains(allowed, "content-type") {
			t.Fatalf("a browser would stop at the preflight: %+v", preflight)
		}
		response := do(t, server, "POST", url, body, map[string]string{
			"Origin": "https://app.example", "content-type": "application/json", "x-cassandra-token": "secret"})
		if response.status != http.StatusCreated || response.body != body || response.header.Get("Access-Control-Allow-Origin") != "https://app.example" || !json.Valid([]byte(response.body)) {
			t.Fatalf("%s: %+v", url, response)
		}
	}
	for path, want := range map[string]string{
		baseUsersUrl + "/f0a3b6a4-7d0c-4d5e-9c1e-3f1f8e2b9a10": `{"count":1,"data":[{"userid":"f0a3b6a4-7d0c-4d5e-9c1e-3f1f8e2b9a10","created_date":"2021-09-29T16:00:00.123Z","email":"john@smith.example","firstname":"John","lastname":"Smith"}]}`,
		baseUserCredsUrl + "/john%40smith.example":             `{"count":1,"data":[{"email":"john@smith.example","password":"'s3cret'","userid":"f0a3b6a4-7d0c-4d5e-9c1e-3f1f8e2b9a10"}]}`,
	} {
		if got := send(t, server, "GET", path, ""); got != want {
			t.Errorf("%s\n got %s\nwant %s", path, got, want)
		}
	}
}

// received is an answer over the network.
type received struct {
	status int
	header http.Header
	body   string
}

func do(t testing.TB, server *httptest.Server, method, path, body string, header map[string]string) received {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return received{answer.StatusCode, answer.Header, string(text)}
}

// send makes a call that must succeed.
func send(t testing.TB, server *httptest.Server, method, path, body string) string {
	t.Helper()
	answer := do(t, server, method, path, body, map[string]string{"X-Cassandra-Token": "secret", "Content-Type": "application/json"})
	if answer.status/100 != 2 {
		t.Fatalf("%s %s: %+v", method, path, answer)
	}
	return answer.body
}
