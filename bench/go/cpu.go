package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// ticks of a second in which Linux counts processor time for everyone who asks (USER_HZ).
const ticks = 100

// Pids are the processes of the server, for their processor time to be counted.
type Pids []int

func (p *Pids) String() string { return fmt.Sprint(*p) }

// Set takes numbers separated by commas.
func (p *Pids) Set(text string) error {
	for _, each := range strings.Split(text, ",") {
		pid, err := strconv.Atoi(each)
		if err != nil {
			return err
		}
		*p = append(*p, pid)
	}
	return nil
}

// cpuMs is the processor time that the processes have used so far, in milliseconds; 0 where it cannot be seen.
func (p Pids) cpuMs() float64 {
	var sum float64
	for _, pid := range p {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0
		}
		// the second field is a name in parentheses; user and system time are the 14th and 15th
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		for _, field := range fields[11:13] {
			n, _ := strconv.Atoi(field)
			sum += float64(n)
		}
	}
	return sum * 1000 / ticks
}
