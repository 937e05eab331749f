package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// configError is a mistake in the configuration file.
type configError struct{ message string }

func (e *configError) Error() string { return "--config: " + e.message }

// loadConfig reads the YAML file of --config: a map from flag names to values.
// A name that no flag of the running command has is an error, so that a
// misspelt setting is not silently ignored.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	settings := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&settings); err != nil && !errors.Is(err, io.EOF) {
		return nil, &configError{err.Error()}
	}
	return &fileResolver{settings}, nil
}

type fileResolver struct{ settings map[string]any }

// Validate implements kong.Resolver.
func (f *fileResolver) Validate(app *kong.Application) error {
	known := map[string]bool{}
	collectFlags(app.Node, known)
	for name := range f.settings {
		if !known[name] {
			return &configError{fmt.Sprintf("unknown setting %q", name)}
		}
	}
	return nil
}

func collectFlags(node *kong.Node, known map[string]bool) {
	for _, flag := range node.Flags {
		known[flag.Name] = true
	}
	for _, child := range node.Children {
		collectFlags(child, known)
	}
}

// Resolve implements kong.Resolver. The environment is stronger than the file.
func (f *fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	value, ok := f.settings[flag.Name]
	if !ok {
		return nil, nil
	}
	return fmt.Sprint(value), nil
}
