// Load on an API server as Go programs make it: client-go, its defaults (protobuf, HTTP/2 where the server speaks it), no rate limit.
//
//	bench --kubeconfig FILE [--pods 4000] [--workers 16] [--watchers 50] [--writes 1000]   prints one JSON object of figures
//	bench --canned [--bytes 1200]                                                          serves canned answers; prints its address as JSON, ends when its stdin does
//	bench --url URL                                                                        the client's own ceiling: the same requests against canned answers
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	var (
		kubeconfig = flag.String("kubeconfig", "", "the API server to load")
		url        = flag.String("url", "", "a server of canned answers to load")
		canned     = flag.Bool("canned", false, "serve canned answers")
		size       = Size{}
	)
	flag.IntVar(&size.Pods, "pods", 4000, "pods made")
	flag.IntVar(&size.Workers, "workers", 16, "requests in flight")
	flag.IntVar(&size.Watchers, "watchers", 50, "watches open at once")
	flag.IntVar(&size.Writes, "writes", 1000, "writes that every watch hears of")
	flag.IntVar(&size.Warm, "warm", 0, "pods of a first round that is not counted, so that what is compiled or cached on the way is there")
	flag.BoolVar(&size.Keep, "keep", false, "leave everything there, for memory to be measured")
	flag.Var(&size.Pids, "pids", "the server's processes, for their processor time to be counted")
	only := flag.String("only", "", "what is measured, separated by commas; what needs pods needs create too")
	flag.Parse()
	if *only != "" {
		size.Only = strings.Split(*only, ",")
	}
	if *canned {
		failed(serveCanned(os.Stdin, os.Stdout))
		return
	}
	figures, err := run(context.Background(), *kubeconfig, *url, size)
	failed(err)
	failed(json.NewEncoder(os.Stdout).Encode(figures))
}

// failed ends the program where there is an error.
func failed(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig, url string, size Size) (map[string]Figure, error) {
	if url != "" {
		return Ceiling(ctx, url, size)
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := clientOf(config)
	if err != nil {
		return nil, err
	}
	if size.Warm > 0 {
		first := size
		first.Pods, first.Writes, first.Keep = size.Warm, size.Warm, false
		if _, err := Measure(ctx, client, config, first); err != nil {
			return nil, err
		}
	}
	return Measure(ctx, client, config, size)
}

// clientOf is a client without a rate limit: what is measured is the server.
func clientOf(config *rest.Config) (kubernetes.Interface, error) {
	config.QPS = -1
	return kubernetes.NewForConfig(config)
}
