/* teapot: the node. */
#include "node/cli/cli.h"

int main(int argc, char **argv)
{
    return tp_program_main(&tp_cli_program, argc, argv);
}
