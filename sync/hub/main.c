/* teapot-hub. */
#include "sync/hub/command.h"
#include "sync/hub/serve.h"

#include <signal.h>

static void stop(int signal_number)
{
    (void)signal_number;
    tp_hub_serve_stop();
}

int main(int argc, char **argv)
{
    const struct sigaction action = {.sa_handler = stop};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
    return tp_program_main(&tp_hub_program, argc, argv);
}
