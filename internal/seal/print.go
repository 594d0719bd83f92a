package seal

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// Format, unlike String alone, answers for every verb: %d and %#v would print the
// fields.

func (m *Master) String() string             { return "master key " + m.ID() }
func (m *Master) Format(s fmt.State, _ rune) { io.WriteString(s, m.String()) }
func (m *Master) LogValue() slog.Value       { return slog.StringValue(m.String()) }

func (k *Keyring) String() string             { return "keyring of size " + strconv.Itoa(len(k.ids)) }
func (k *Keyring) Format(s fmt.State, _ rune) { io.WriteString(s, k.String()) }
func (k *Keyring) LogValue() slog.Value       { return slog.StringValue(k.String()) }
