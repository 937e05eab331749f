package backend

import "testing"

func TestHidePassword(t *testing.T) {
	for text, want := range map[string]string{
		"CREATE ROLE r WITH PASSWORD = 'secret' AND LOGIN = true":               "CREATE ROLE r WITH PASSWORD *******",
		"create user u with hashed password 'secret'":                           "create user u with hashed password *******",
		"/* c */ ALTER/**/ROLE\n\"r\" WITH LOGIN = true AND\npassword='secret'": "/* c */ ALTER/**/ROLE\n\"r\" WITH LOGIN = true AND\npassword *******",
		"SELECT password FROM user_credentials WHERE email = 'e'":               "SELECT password FROM user_credentials WHERE email = 'e'",
		"ALTER ROLE r WITH LOGIN = true":                                        "ALTER ROLE r WITH LOGIN = true",
	} {
		if got := HidePassword(text); got != want {
			t.Errorf("%s\n became %s\n not %s", text, got, want)
		}
	}
}
