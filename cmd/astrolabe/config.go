package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// configError is a mistake in the configuration file.
type configError struct{ message string }

func (e *configError) Error() string { return "--config: " + e.message }

// configFile is the path of --config. Kong calls BeforeResolve for it wherever
// it came from: a flag or the environment.
type configFile string

// BeforeResolve makes the file answer for flags that were not given.
func (c configFile) BeforeResolve(k *kong.Kong, ctx *kong.Context, trace *kong.Path) error {
	f, err := os.Open(kong.ExpandPath(string(ctx.FlagValue(trace.Flag).(configFile))))
	if err != nil {
		return &configError{err.Error()}
	}
	defer f.Close()
	resolver, err := loadConfig(f)
	if err != nil {
		return err
	}
	ctx.AddResolver(resolver)
	return nil
}

// loadConfig reads a YAML file: a map from flag names to values. A name that no
// flag of any command has is an error, so that a misspelt setting is not
// silently ignored; one of another command is not, so that one file serves all.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	settings := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&settings); err != nil && !errors.Is(err, io.EOF) {
		return nil, &configError{strings.ReplaceAll(err.Error(), "\n", "")}
	}
	f := &fileResolver{map[string]string{}}
	for name, value := range settings {
		switch value := value.(type) {
		case string, bool, int, int64, uint64, float64:
			f.settings[name] = fmt.Sprint(value)
		case map[string]any: // of a flag that takes name=value;...
			text, ok := pairs(value)
			if !ok {
				return nil, &configError{fmt.Sprintf("setting %q holds more than names and plain values", name)}
			}
			f.settings[name] = text
		default:
			return nil, &configError{fmt.Sprintf("setting %q is not a plain value", name)}
		}
	}
	return f, nil
}

// pairs writes a map as a flag takes it; false when a value is not plain.
func pairs(m map[string]any) (string, bool) {
	var all []string
	for name, value := range m {
		switch value := value.(type) {
		case string, bool, int, int64, uint64, float64:
			all = append(all, fmt.Sprintf("%s=%v", name, value))
		default:
			return "", false
		}
	}
	slices.Sort(all)
	return strings.Join(all, ";"), true
}

type fileResolver struct{ settings map[string]string }

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
	return value, nil
}
