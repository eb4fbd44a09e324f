/* FANN, from C. Compiled twice: with -DDOUBLE for online training in doubles,
 * without for single samples in floats. Speaks as participant.py does.
 *
 * FANN has no network without biases and no relu or softmax: it trains one more
 * weight a neuron, and takes sigmoids only. */

#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef DOUBLE
#include <doublefann.h>
#else
#include <floatfann.h>
#endif

static const char *option(int count, char **words, const char *name) {
    for (int i = 1; i + 1 < count; i += 2)
        if (strcmp(words[i], name) == 0) return words[i + 1];
    fprintf(stderr, "error: %s is missing\n", name);
    exit(1);
}

/* Reads a file of numbers, and tells how many there are. */
static fann_type *numbers(const char *data, const char *name, size_t *count) {
    char path[4096];
    snprintf(path, sizeof path, "%s.%s", data, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    *count = (size_t)ftell(file) / sizeof(fann_type);
    rewind(file);
    fann_type *values = malloc(*count * sizeof(fann_type));
    if (values == NULL || fread(values, sizeof(fann_type), *count, file) != *count) exit(1);
    fclose(file);
    return values;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int count, char **words) {
    int is_training = strcmp(option(count, words, "--measure"), "train") == 0;
    unsigned widths[16], depth = 0;
    char *layers = strdup(option(count, words, "--layers"));
    for (char *word = strtok(layers, ","); word != NULL && depth < 16; word = strtok(NULL, ","))
        widths[depth++] = (unsigned)atoi(word);
    const char *data = option(count, words, "--data");
    size_t input_count, target_count, parameter_count;
    fann_type *inputs = numbers(data, "inputs", &input_count);
    fann_type *targets = numbers(data, "targets", &target_count);
    fann_type *parameters = numbers(data, "parameters", &parameter_count);
    printf("{\"version\": \"2.2.0\"}\n");
    fflush(stdout);
    char line[256];
    if (fgets(line, sizeof line, stdin) == NULL) return 0;

    struct fann *network = fann_create_standard_array(depth, widths);
    fann_set_activation_function_hidden(network, FANN_SIGMOID);
    fann_set_activation_function_output(network, FANN_SIGMOID);
    /* 1/(1 + exp(-2·steepness·z)) */
    fann_set_activation_steepness_hidden(network, 0.5);
    fann_set_activation_steepness_output(network, 0.5);
    fann_set_training_algorithm(network, FANN_TRAIN_INCREMENTAL);
    fann_set_train_error_function(network, FANN_ERRORFUNC_LINEAR);
    fann_set_learning_rate(network, 1.0f);
    /* Ours: weights row by row, then biases; FANN's: each neuron's weights, then
     * its bias. Neurons are numbered through, a bias neuron ends each layer. */
    size_t place = 0;
    unsigned from = 0;
    for (unsigned layer = 1; layer < depth; layer++) {
        unsigned to = from + widths[layer - 1] + 1;
        int has_biases = parameter_count > 6;
        for (unsigned j = 0; j < widths[layer]; j++) {
            for (unsigned i = 0; i < widths[layer - 1]; i++)
                fann_set_weight(network, from + i, to + j, parameters[place++]);
            fann_type bias = has_biases ? parameters[place + (widths[layer] - j - 1) * widths[layer - 1] + j] : 0;
            fann_set_weight(network, to - 1, to + j, bias);
        }
        if (has_biases) place += widths[layer];
        from = to;
    }

    size_t samples = is_training ? input_count / widths[0] : 1;
    if (!is_training) {
        fann_type *outputs = fann_run(network, inputs);
        printf("{\"check\": [");
        for (unsigned k = 0; k < widths[depth - 1]; k++)
            printf("%s%.9g", k == 0 ? "" : ", ", (double)outputs[k]);
        printf("]}\n");
    } else {
        for (size_t sample = 0; sample < samples; sample++)
            fann_train(network, inputs + sample * widths[0], targets + sample * widths[depth - 1]);
        fann_type *outputs = fann_run(network, inputs);
        double difference = (double)outputs[0] - (double)targets[0];
        printf("{\"check\": [%.9g]}\n", 0.5 * difference * difference);
    }
    fflush(stdout);
    size_t times = 1;
    while (fgets(line, sizeof line, stdin) != NULL) {
        double wanted = atof(line), seconds;
        for (;;) {
            double start = now();
            for (size_t time = 0; time < times; time++) {
                if (!is_training) {
                    fann_run(network, inputs);
                    continue;
                }
                for (size_t sample = 0; sample < samples; sample++)
                    fann_train(network, inputs + sample * widths[0], targets + sample * widths[depth - 1]);
            }
            seconds = now() - start;
            if (seconds >= 0.7 * wanted) break;
            double factor = 1.1 * wanted / (seconds + 1e-9);
            times *= (size_t)(factor < 2 ? 2 : factor > 100 ? 100 : factor);
        }
        printf("{\"seconds\": %.9g}\n", seconds / (double)times / (double)samples);
        fflush(stdout);
    }
    fann_destroy(network);
    return 0;
}
